/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What replayed threads run, all of them the same: whoever the kernel lets run takes the next step. There is no stack, and
 * nothing is kept in registers but what the trace and the kernel put there: a step may have any of them changed, and a
 * thread that goes on at REPLAY_CODE or is let out of a system call finds everything it needs.
 *
 * RCX and R11 are free: SYSCALL destroys them. Everything else a thread leaves in its record before it takes the step.
 */
#include "layout.h"

#define AT(address) (replay_code + ((address) - REPLAY_CODE))

    .section .text.replay_code, "ax", @progbits
    .balign 4096
    .globl  replay_code, replay_code_end
    .type   replay_code, @function
replay_code:
    jmp     next

    .org    AT(REPLAY_SYSCALL)
    syscall
    /* REPLAY_NEXT. The record's place is taken in one instruction, so that it does not matter where an interrupt falls. */
next:
    movl    $RECORD_SIZE, %r11d
    xaddq   %r11, REPLAY_DATA
    movq    %rax, 0x00(%r11)
    movq    %rbx, 0x08(%r11)
    movq    %rdx, 0x10(%r11)
    movq    %rsi, 0x18(%r11)
    movq    %rdi, 0x20(%r11)
    movq    %rbp, 0x28(%r11)
    movq    %rsp, 0x30(%r11)
    movq    %r8,  0x38(%r11)
    movq    %r9,  0x40(%r11)
    movq    %r10, 0x48(%r11)
    movq    %r12, 0x50(%r11)
    movq    %r13, 0x58(%r11)
    movq    %r14, 0x60(%r11)
    movq    %r15, 0x68(%r11)

    movq    RECORD_STEP(%r11), %rcx
    leaq    STEP_STORE_LIST(%rcx), %rsi
    movq    STEP_STORES(%rcx), %rdx
1:  testq   %rdx, %rdx
    jz      2f
    movq    0(%rsi), %rdi
    movq    8(%rsi), %r8
    movq    %r8, (%rdi)
    addq    $16, %rsi
    decq    %rdx
    jmp     1b

2:  cmpq    $0, STEP_SETS_REGISTERS(%rcx)
    jne     3f
    movq    0x10(%r11), %rdx
    movq    0x18(%r11), %rsi
    movq    0x20(%r11), %rdi
    movq    0x38(%r11), %r8
    movq    STEP_PLACE(%rcx), %r11
    movq    %r11, REPLAY_DATA + 8
    movq    STEP_REGISTERS + 8(%rcx), %r11
    movq    STEP_REGISTERS(%rcx), %rcx
    jmpq    *(REPLAY_DATA + 8)

3:  movq    STEP_REGISTERS + 0x00(%rcx), %rdx
    movq    STEP_REGISTERS + 0x08(%rcx), %rdi
    movq    STEP_REGISTERS + 0x10(%rcx), %rsi
    movq    STEP_REGISTERS + 0x18(%rcx), %r10
    movq    STEP_REGISTERS + 0x20(%rcx), %r8
    movq    STEP_REGISTERS + 0x28(%rcx), %r9
    movq    STEP_REGISTERS + 0x30(%rcx), %r15
    jmp     AT(REPLAY_SYSCALL)

    .org    AT(REPLAY_READ)
    movq    (%rcx), %r11
    jmp     next
    .org    AT(REPLAY_WRITE)
    movq    %r11, (%rcx)
    jmp     next
    .org    AT(REPLAY_DIVIDE)
    divl    %ecx                    /* the step has 0 there */
    jmp     next
    .org    AT(REPLAY_INVALID)
    ud2
    jmp     next
    .org    AT(REPLAY_HALT)
    hlt
    jmp     next
    .org    AT(REPLAY_SPIN)
1:  decq    %rcx
    jnz     1b
    jmp     next

    .org    AT(REPLAY_TRAPS)
    .set    vector, 0
    .rept   256
    .byte   0xcd, vector            /* INT; the assembler would make INT3 of one */
    .byte   0xe9                    /* JMP, always of the same size */
    .long   next - . - 4
    .set    vector, vector + 1
    .endr
replay_code_end:
    .size   replay_code, . - replay_code

    .section .note.GNU-stack, "", @progbits
