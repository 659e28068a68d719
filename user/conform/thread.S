/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What scripted threads run. The supervisor sets all registers and enters at one of the entry points (layout.h). What the
 * registers are afterwards goes to the thread's record, with the place of this event in the order of all; then the thread
 * suspends itself by its own TCB capability, which no script can take away.
 *
 * A system call does not preserve RSP, RCX and R11, and no kernel stores them there; but an interrupt does. So what others
 * read of them would depend on where a timer tick falls. RSP is 0 from the start, as system calls leave it: there is no stack. Of
 * RCX and R11 nothing is told (step.c).
 */
#include "layout.h"

#define RECORD(word) (conform_code + WINDOW_RECORD + 8 * (word))(%rip)
#define SHARED(word) (conform_code + WINDOW_SHARED + 8 * (word))(%rip)
#define SAVE(index, name) movq %name, RECORD(RECORD_REGISTERS + (index))

    .section .text.conform_code, "ax", @progbits
    .balign 4096
    .globl  conform_code, conform_code_end
    .type   conform_code, @function
conform_code:
    syscall
record:
    SAVE(0, rax)
    SAVE(1, rbx)
    SAVE(2, rdx)
    SAVE(3, rsi)
    SAVE(4, rdi)
    SAVE(5, rbp)
    SAVE(6, rsp)
    SAVE(7, r8)
    SAVE(8, r9)
    SAVE(9, r10)
    SAVE(10, r12)
    SAVE(11, r13)
    SAVE(12, r14)
    SAVE(13, r15)
    movq    SHARED(SHARED_ORDER), %rax
    incq    %rax
    movq    %rax, SHARED(SHARED_ORDER)
    movq    %rax, RECORD(RECORD_ORDER)
    incq    RECORD(RECORD_COUNT)
    xorl    %eax, %eax              /* what was received might be a physical address: leave nothing to be read */
    xorl    %r8d, %r8d
    xorl    %r9d, %r9d
    xorl    %r10d, %r10d
    xorl    %r15d, %r15d
    movl    $PARK_POINTER, %edi
    movq    SHARED(SHARED_PARK_INFO), %rsi
    movq    SHARED(SHARED_PARK_CALL), %rdx
    syscall
    ud2

    .org    conform_code + ENTRY_LOAD
    movq    (%rdi), %rax
    jmp     record
    .org    conform_code + ENTRY_STORE
    movq    %rsi, (%rdi)
    jmp     record
    .org    conform_code + ENTRY_EXECUTE
    leaq    record(%rip), %rbp
    jmp     *%rdi
    .org    conform_code + ENTRY_RETURN
    jmp     *%rbp
    .org    conform_code + ENTRY_UD2
    ud2
    jmp     record
    .org    conform_code + ENTRY_DIVIDE
    xorl    %edx, %edx
    xorl    %ecx, %ecx
    divl    %ecx
    jmp     record
    .org    conform_code + ENTRY_HLT
    hlt
    jmp     record
    .org    conform_code + ENTRY_INT3
    int3
    jmp     record
conform_code_end:
    .size   conform_code, . - conform_code

    .section .note.GNU-stack, "", @progbits
