/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that load the whole state of the FPU from an image, do one thing, and store the state into another image.
 * No instruction between the two uses the FPU, so what is stored is what was loaded, unless the kernel or another thread
 * changed it. Afterwards the state is again the one that compiled code expects.
 *
 * With XSAVE enabled for user programs all its components are loaded and stored, otherwise those of FXSAVE.
 */
    .macro  function name
    .section .text.\name, "ax", @progbits
    .globl  \name
    .type   \name, @function
\name:
    .endm

    .macro  load image              /* changes RAX, RDX */
    movl    fpu_components(%rip), %eax
    xorl    %edx, %edx
    testl   %eax, %eax
    jz      1f
    xrstor64 (\image)
    jmp     2f
1:  fxrstor64 (\image)
2:
    .endm

    .macro  store image             /* changes RAX, RDX */
    movl    fpu_components(%rip), %eax
    xorl    %edx, %edx
    testl   %eax, %eax
    jz      1f
    xsave64 (\image)
    jmp     2f
1:  fxsave64 (\image)
2:  fninit
    ldmxcsr fpu_default_mxcsr(%rip)
    .endm

function fpu_load                   /* (image) */
    load    %rdi
    ret

function fpu_store                  /* (image) */
    store   %rdi
    ret

function fpu_across_call            /* (in, out, registers: RDX, RDI, RSI, R10, R8, R9, R15); returns RSI */
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    movq    %rdi, %r12
    movq    %rsi, %rbp
    movq    %rdx, %r13
    load    %r12
    movq    (%r13), %rdx
    movq    8(%r13), %rdi
    movq    16(%r13), %rsi
    movq    24(%r13), %r10
    movq    32(%r13), %r8
    movq    40(%r13), %r9
    movq    48(%r13), %r15
    movq    %rsp, %rbx              /* the return from a system call may change RSP */
    syscall
    movq    %rbx, %rsp
    movq    %rsi, %rbx
    store   %rbp
    movq    %rbx, %rax
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret

function fpu_across_change          /* (in, out, word): waits until the word changes */
    movq    %rdx, %rcx
    load    %rdi
    movq    (%rcx), %rdx
3:  pause
    cmpq    %rdx, (%rcx)
    je      3b
    store   %rsi
    ret

function fpu_across_time            /* (in, out, count of the time-stamp counter, 32 bits) */
    movl    %edx, %r8d
    load    %rdi
    rdtsc
    movl    %eax, %ecx
3:  rdtsc
    subl    %ecx, %eax
    cmpl    %r8d, %eax
    jb      3b
    store   %rsi
    ret

function fpu_across_exception       /* (in, out): the handler skips two bytes */
    load    %rdi
    .globl  fpu_exception_at
fpu_exception_at:
    ud2
    store   %rsi
    ret

function fpu_across_read            /* (in, out, address) */
    movq    %rdx, %rcx
    load    %rdi
    movq    (%rcx), %rcx
    store   %rsi
    ret

function fpu_across_unknown         /* (in, out): an unknown system call; the handler may change its registers */
    pushq   %rbx
    pushq   %rbp
    movq    %rsi, %rbp
    load    %rdi
    movq    $-1000, %rdx
    movq    %rsp, %rbx
    .globl  fpu_unknown_at
fpu_unknown_at:
    syscall
    movq    %rbx, %rsp
    store   %rbp
    popq    %rbp
    popq    %rbx
    ret

function fpu_across_wait            /* (in, out): reports pending exceptions of the x87 */
    load    %rdi
    .globl  fpu_wait_at
fpu_wait_at:
    fwait
    store   %rsi
    ret

    .section .rodata.fpu_default_mxcsr, "a", @progbits
    .globl  fpu_default_mxcsr
    .balign 4
fpu_default_mxcsr:
    .long   0x1f80

    .section .note.GNU-stack, "", @progbits
