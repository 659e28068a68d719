/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker runs: the calls of its batch, one after the other, from the one that `started` names on. It is copied to
 * WORKER_CODE of the worker's address space; everything is reached relative to RIP, for no register survives a call.
 */
#include "layout.h"

#define RESULTS(word) (worker_code + (WORKER_RESULTS - WORKER_CODE) + 8 * (word))(%rip)
#define ENTRY(word) (8 * (word))(%rbx)
#define REGISTER(number) ENTRY(CALL_REGISTERS + (number))

    .section .text.worker, "ax", @progbits
    .balign 16
    .globl  worker_code, worker_code_end, worker_done
    .type   worker_code, @function
worker_code:
    cld
    movq    RESULTS(RESULTS_STARTED), %rax
    cmpq    $BATCH_CALLS, %rax
    jae     worker_done
    movq    %rax, %rbx
    shlq    $CALL_SHIFT, %rbx
    leaq    (worker_code + (WORKER_BATCH - WORKER_CODE))(%rip), %rcx
    addq    %rcx, %rbx

    /* The IPC buffer as far as the call sets it; the rest of it is what earlier calls left. */
    leaq    ENTRY(CALL_HEAD), %rsi
    leaq    (worker_code + (WORKER_BUFFER - WORKER_CODE))(%rip), %rdi
    movl    $CALL_HEAD_WORDS, %ecx
    rep movsq
    leaq    ENTRY(CALL_TAIL), %rsi
    leaq    (worker_code + (WORKER_BUFFER - WORKER_CODE) + 8 * 121)(%rip), %rdi
    movl    $CALL_TAIL_WORDS, %ecx
    rep movsq

    incq    RESULTS(RESULTS_STARTED)
    cmpq    $0, ENTRY(CALL_KIND)
    jne     run_code
    .macro  load_registers
    movq    REGISTER(0), %rax
    movq    REGISTER(2), %rcx
    movq    REGISTER(3), %rdx
    movq    REGISTER(4), %rsi
    movq    REGISTER(5), %rdi
    movq    REGISTER(6), %rbp
    movq    REGISTER(7), %rsp
    movq    REGISTER(8), %r8
    movq    REGISTER(9), %r9
    movq    REGISTER(10), %r10
    movq    REGISTER(11), %r11
    movq    REGISTER(12), %r12
    movq    REGISTER(13), %r13
    movq    REGISTER(14), %r14
    movq    REGISTER(15), %r15
    movq    REGISTER(1), %rbx
    .endm
    load_registers
    syscall

    movq    %rsi, RESULTS(RESULTS_SAVED)
    movq    %rdi, RESULTS(RESULTS_SAVED + 1)
    movq    %r10, RESULTS(RESULTS_SAVED + 2)
    movq    RESULTS(RESULTS_STARTED), %rax
    decq    %rax
    cmpq    $BATCH_CALLS, %rax
    jae     worker_done
    movq    %rax, %rbx
    shlq    $CALL_SHIFT, %rbx
    leaq    (worker_code + (WORKER_BATCH - WORKER_CODE))(%rip), %rcx
    addq    %rcx, %rbx
    shlq    $5, %rax
    leaq    (worker_code + (WORKER_RESULTS - WORKER_CODE) + 8 * RESULTS_RECORDS)(%rip), %rcx
    addq    %rcx, %rax
    movq    RESULTS(RESULTS_SAVED), %rcx
    movq    %rcx, 8(%rax)
    movq    RESULTS(RESULTS_SAVED + 1), %rcx
    movq    %rcx, 16(%rax)
    movq    RESULTS(RESULTS_SAVED + 2), %rcx
    movq    %rcx, 24(%rax)
    movq    ENTRY(CALL_NONCE), %rcx
    movq    %rcx, (%rax)
    jmp     worker_code

worker_done:
    ud2

run_code:
    leaq    ENTRY(CALL_CODE), %rsi
    leaq    (worker_code + (WORKER_SCRATCH - WORKER_CODE))(%rip), %rdi
    movl    $CALL_CODE_WORDS, %ecx
    rep movsq
    load_registers
    jmp     (worker_code + (WORKER_SCRATCH - WORKER_CODE))
worker_code_end:
    .size   worker_code, . - worker_code

    .section .note.GNU-stack, "", @progbits
