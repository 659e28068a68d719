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

    .macro  save_all
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
    .endm

/* Behind the system call: the other entries from `base` on, which go to `record` when they are done. */
    .macro  entries base, record
    .org    \base + ENTRY_LOAD
    movq    (%rdi), %rax
    jmp     \record
    .org    \base + ENTRY_STORE
    movq    %rsi, (%rdi)
    jmp     \record
    .org    \base + ENTRY_EXECUTE
    leaq    \record(%rip), %rbp
    jmp     *%rdi
    .org    \base + ENTRY_RETURN
    jmp     *%rbp
    .org    \base + ENTRY_UD2
    ud2
    jmp     \record
    .org    \base + ENTRY_DIVIDE
    xorl    %edx, %edx
    xorl    %ecx, %ecx
    divl    %ecx
    jmp     \record
    .org    \base + ENTRY_HLT
    hlt
    jmp     \record
    .org    \base + ENTRY_INT3
    int3
    jmp     \record
    .org    \base + ENTRY_FPU
    leaq    \record(%rip), %rbp
    jmp     fpu
    .org    \base + ENTRY_FPU_SEEN
    fxsave64 RECORD(RECORD_FPU_SEEN)
    jmp     \record
    .endm

    .section .text.conform_code, "ax", @progbits
    .balign 4096
    .globl  conform_code, conform_code_end
    .type   conform_code, @function
conform_code:
    syscall
record:
    save_all
recorded:
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
    syscall                         /* recordings show where this is */
    ud2
    entries conform_code, record

/* An image for FXRSTOR: words that follow from RSI, but control words that are allowed. Comes back to RBP. */
fpu:
    movq    %rsi, %rdi
    leaq    RECORD(RECORD_FPU), %rbx
    movq    $0x9e3779b97f4a7c15, %rdx
    leaq    1(%rdi, %rdi), %rax
    movl    $64, %ecx
1:  imulq   %rdx, %rax
    movq    %rax, %rsi
    shrq    $29, %rsi
    xorq    %rsi, %rax
    movq    %rax, -8(%rbx, %rcx, 8)
    decl    %ecx
    jnz     1b
    movl    %edi, %eax              /* the place of the stack's top, and rounding of both units */
    andl    $7, %eax
    shll    $27, %eax
    orl     $0x37f, %eax
    movl    %eax, (%rbx)
    movl    $0xff, 4(%rbx)          /* no register is empty */
    movq    $0, 8(%rbx)
    movq    $0, 16(%rbx)
    movl    %edi, %eax
    andl    $3, %eax
    shll    $13, %eax
    orl     $0x1f80, %eax
    movl    %eax, 24(%rbx)
    fxrstor64 (%rbx)
    movq    %rdi, %rsi
    jmp     *%rbp

/* The same entries for joined steps: when one has ended, the next follows without the supervisor. */
    .org    conform_code + JOINED
    syscall
record_joined:
    save_all
    cmpq    $0, RECORD(RECORD_LEFT)
    je      recorded
    jmp     follow
    entries conform_code + JOINED, record_joined

follow:
    movq    RECORD(RECORD_ENDED), %rdi
    imulq   $8 * RECORD_REGISTER_COUNT, %rdi
    leaq    RECORD(RECORD_RESULTS), %rax
    addq    %rax, %rdi
    leaq    RECORD(RECORD_REGISTERS), %rsi
    movl    $RECORD_REGISTER_COUNT, %ecx
    rep movsq
    incq    RECORD(RECORD_ENDED)
    decq    RECORD(RECORD_LEFT)
    movq    RECORD(RECORD_NEXT), %rsi
    lodsq
    movq    %rax, RECORD(RECORD_ENTRY)
1:  lodsq
    testq   %rax, %rax
    jz      2f
    movq    %rax, %rdi
    movsq
    jmp     1b
2:  leaq    13 * 8(%rsi), %rax
    movq    %rax, RECORD(RECORD_NEXT)
    movq    0 * 8(%rsi), %rax
    movq    1 * 8(%rsi), %rbx
    movq    2 * 8(%rsi), %rdx
    movq    4 * 8(%rsi), %rdi
    movq    5 * 8(%rsi), %rbp
    movq    6 * 8(%rsi), %r8
    movq    7 * 8(%rsi), %r9
    movq    8 * 8(%rsi), %r10
    movq    9 * 8(%rsi), %r12
    movq    10 * 8(%rsi), %r13
    movq    11 * 8(%rsi), %r14
    movq    12 * 8(%rsi), %r15
    movq    3 * 8(%rsi), %rsi
    jmp     *RECORD(RECORD_ENTRY)
conform_code_end:
    .size   conform_code, . - conform_code

    .section .note.GNU-stack, "", @progbits
