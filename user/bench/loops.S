/* SPDX-License-Identifier: BSD-2-Clause */
/// What the measured threads run, in a page that other address spaces map, too. They touch no memory; a system call leaves
/// RBX, RBP and R12 to R14 as they were.
///   R12 capability, R13 message info, R14 number of every call but the first, RBP number of the first, RBX see each loop
    .macro call number
    movq %r12, %rdi
    movq %r13, %rsi
    movq \number, %rdx
    syscall
    .endm

    .section .text.loops, "ax", @progbits
    .balign 4096
    .globl loops_page
loops_page:

/// Calls, over and over.
    .globl loop_calls
loop_calls:
    call %rbp
1:  call %r14
    jmp 1b

/// The same by a thread that calculates with SSE in between.
    .balign 64
    .globl loop_calls_fpu
loop_calls_fpu:
    call %rbp
1:  addsd %xmm0, %xmm0
    call %r14
    jmp 1b

/// Faults.
    .balign 64
    .globl loop_undefined
loop_undefined:
1:  ud2
    jmp 1b

/// Reads the word at R12.
    .balign 64
    .globl loop_read
loop_read:
1:  movq (%r12), %rax
    jmp 1b

/// Makes a system call that there is not.
    .balign 64
    .globl loop_unknown_call
loop_unknown_call:
1:  call $99
    jmp 1b

/// Acknowledges an interrupt, whose handler is RBX, and waits for the next.
    .balign 64
    .globl loop_interrupts
loop_interrupts:
1:  movq %rbx, %rdi
    movq %r13, %rsi
    movq %rbp, %rdx
    syscall
    movq %r12, %rdi
    movq %r14, %rdx
    syscall
    jmp 1b

/// One call; a thread that suspends itself.
    .balign 64
    .globl loop_exit
loop_exit:
    call %rbp
    ud2

    .balign 4096

    .section .note.GNU-stack, "", @progbits
