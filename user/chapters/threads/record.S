/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that starts here writes its registers, as seL4_UserContext orders them from RSP on (RIP is known), to the
 * buffer at 0(RSP of the start), and then stops at an invalid instruction.
 */
    .section .text.record_registers, "ax", @progbits
    .globl  record_registers, record_registers_end
    .type   record_registers, @function
record_registers:
    movq    %rax, 24(%rsp)
    movq    %rsp, 8(%rsp)
    pushfq
    popq    %rax
    movq    %rax, 16(%rsp)
    movq    %rbx, 32(%rsp)
    movq    %rcx, 40(%rsp)
    movq    %rdx, 48(%rsp)
    movq    %rsi, 56(%rsp)
    movq    %rdi, 64(%rsp)
    movq    %rbp, 72(%rsp)
    movq    %r8, 80(%rsp)
    movq    %r9, 88(%rsp)
    movq    %r10, 96(%rsp)
    movq    %r11, 104(%rsp)
    movq    %r12, 112(%rsp)
    movq    %r13, 120(%rsp)
    movq    %r14, 128(%rsp)
    movq    %r15, 136(%rsp)
    movq    %fs:0, %rax
    movq    %rax, 144(%rsp)
    movq    %gs:0, %rax
    movq    %rax, 152(%rsp)
record_registers_end:
    ud2
    .size   record_registers, . - record_registers

    .section .note.GNU-stack, "", @progbits
