// SPDX-License-Identifier: GPL-2.0-only
//
// The way into the kernel and the way out.
//
//     user program                      this file                              C++ (entry.cpp)
//     ------------                      ---------                              ---------------
//     SYSCALL ----------------------->  frame_syscall_entry  ---------------->  frame_handle_syscall
//     exception, interrupt, INT n --->  vector stub, enter_from_user  ------->  frame_handle_vector
//     runs  <-------------------------  frame_leave_kernel  <----------------  returns normally
//                                          |      ^
//                                          v      |
//                                       idle: sti, hlt  --------------------->  frame_handle_vector
//
//     kernel, interrupts on only in idle and frame_poll_interrupt:
//     interrupt --------------------->  note the vector in the core's data, return with interrupts off
//     exception --------------------->  frame_handle_kernel_exception: a panic, with all registers
//     NMI, double fault, machine check  on stacks of their own: frame_handle_kernel_exception
//
// A user's registers are stored once, straight into the running thread's UserContext (frame/user_context.hpp): the
// core's `registers_frame` points to the processor's part of it (next_ip), and TSS.RSP0 just past that part. Nothing else
// lives on a stack while user code runs, so there is one kernel stack per core and C++ starts at its top each time.
//
// With page-table isolation the user's tables do not show the threads' memory. Then TSS.RSP0 will point to a small
// frame in the isolated window, and stubs of a second kind, selected at boot through IA32_LSTAR and the IDT, will switch
// CR3 and copy from there. Nothing in C++ depends on which kind is in use.
//
// SAFETY of this file:
//  * registers_frame and TSS.RSP0 name the same live UserContext whenever user code runs (current_thread.hpp sets
//    both; the kernel keeps the thread alive), or the idle frame, whose memory is static.
//  * Everything loaded on the way out was made harmless when it was stored (UserContext::set) or came from the
//    processor: canonical RIP, user selectors, RFLAGS with IF and without TF. So neither SYSRET nor IRETQ can fault. A
//    SYSCALL as the last instruction below the non-canonical hole cannot happen: that page is never mapped for users.
//  * DF, AC, NT and TF are clear in C++: IA32_FMASK for SYSCALL, POPF for the rest.

#include "entry_offsets.h"

// The running core's data. One core: an absolute address. More cores: SWAPGS on entry and exit, and %gs:field here.
#define CORE(field) frame_core_local + field

    .text
    .code64

// ---- SYSCALL (Intel SDM vol. 2B, SYSCALL): RIP is in RCX, RFLAGS in R11, RSP is still the user's ----
//
// seL4's convention: RDI capability, RSI message info, RDX system call number; RSP is not preserved (the caller keeps it
// in RBX), so it is not stored. RCX and R11 are lost by the instruction itself.
    .section .text.entry, "ax"
    .balign 16
    .globl frame_syscall_entry
    .type frame_syscall_entry, @function
frame_syscall_entry:
    movq CORE(core_registers_frame), %rsp
    movq %rcx, (%rsp)                           // next_ip
    movq %r11, 0x10(%rsp)                       // rflags
    pushq $-1                                   // error: entered by SYSCALL
    pushq %r15
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rdx
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %rbp
    pushq %rbx
    pushq %rax
    pushq %rsi
    pushq %rdi
    leaq -2(%rcx), %rcx                         // the SYSCALL instruction itself, two bytes long
    movq %rcx, (register_fault_ip - register_rdi)(%rsp)
    movq $frame_kernel_stack_top, %rsp
    xorl %ebp, %ebp                             // end of the chain of frames
    callq frame_handle_syscall                  // (rdi, rsi, rdx) are the user's, as they came
    // fall through

// ---- Leave the kernel for the current thread ----
    .globl frame_leave_kernel
    .type frame_leave_kernel, @function
frame_leave_kernel:
    movq CORE(core_registers_frame), %rcx
    cmpq $-1, (register_error - register_next_ip)(%rcx)
    jne leave_by_iret
    movq (register_rdi - register_next_ip)(%rcx), %rdi
    movq (register_rsi - register_next_ip)(%rcx), %rsi
    movq (register_rax - register_next_ip)(%rcx), %rax
    movq (register_rbx - register_next_ip)(%rcx), %rbx
    movq (register_rbp - register_next_ip)(%rcx), %rbp
    movq (register_r12 - register_next_ip)(%rcx), %r12
    movq (register_r13 - register_next_ip)(%rcx), %r13
    movq (register_r14 - register_next_ip)(%rcx), %r14
    movq (register_rdx - register_next_ip)(%rcx), %rdx
    movq (register_r10 - register_next_ip)(%rcx), %r10
    movq (register_r8 - register_next_ip)(%rcx), %r8
    movq (register_r9 - register_next_ip)(%rcx), %r9
    movq (register_r15 - register_next_ip)(%rcx), %r15
    movq (register_rflags - register_next_ip)(%rcx), %r11
    movq (%rcx), %rcx
    xorl %esp, %esp                             // no kernel address for the user
    sysretq

leave_by_iret:
    movq %rcx, %rsp
    testb $3, (register_cs - register_next_ip)(%rsp)
    jz idle                                     // only the idle frame has the kernel's code selector
    movq (register_rcx - register_next_ip)(%rsp), %rcx
    movq (register_r11 - register_next_ip)(%rsp), %r11
    movq (register_rdi - register_next_ip)(%rsp), %rdi
    movq (register_rsi - register_next_ip)(%rsp), %rsi
    movq (register_rax - register_next_ip)(%rsp), %rax
    movq (register_rbx - register_next_ip)(%rsp), %rbx
    movq (register_rbp - register_next_ip)(%rsp), %rbp
    movq (register_r12 - register_next_ip)(%rsp), %r12
    movq (register_r13 - register_next_ip)(%rsp), %r13
    movq (register_r14 - register_next_ip)(%rsp), %r14
    movq (register_rdx - register_next_ip)(%rsp), %rdx
    movq (register_r10 - register_next_ip)(%rsp), %r10
    movq (register_r8 - register_next_ip)(%rsp), %r8
    movq (register_r9 - register_next_ip)(%rsp), %r9
    movq (register_r15 - register_next_ip)(%rsp), %r15
    iretq

// ---- Nothing to run: wait for an interrupt on the kernel stack ----
//
// STI takes effect after the next instruction, so no interrupt can slip in between STI and HLT. The interrupt notes its
// vector and returns with interrupts off. An NMI or SMI ends HLT without a vector.
idle:
    movq $frame_kernel_stack_top, %rsp
    xorl %ebp, %ebp
1:  sti
    hlt
    cli
    movl CORE(core_pending_vector), %edi
    testl %edi, %edi
    jz 1b
    movl $0, CORE(core_pending_vector)
    callq frame_handle_vector
    jmp frame_leave_kernel

// ---- uint32_t frame_poll_interrupt(): lets one pending interrupt in; returns its vector, or 0 ----
    .globl frame_poll_interrupt
    .type frame_poll_interrupt, @function
frame_poll_interrupt:
    sti
    nop
    cli
    movl CORE(core_pending_vector), %eax
    movl $0, CORE(core_pending_vector)
    retq

// ---- Exceptions and interrupts ----
//
// One stub of vector_stub_bytes for each vector, found by address (descriptor_tables.cpp). The processor pushed
// SS, RSP, RFLAGS, CS, RIP and, for some exceptions, an error code; the stubs push 0 where it did not.
    .balign 16
    .globl frame_vector_stubs
frame_vector_stubs:
    .set vector, 0
    .rept 256
    .balign vector_stub_bytes
    .if vector == 2 || vector == 18
    pushq $0
    pushq %r15
    movl $vector, %r15d
    jmp report_kernel_exception
    .elseif vector == 8
    pushq %r15
    movl $vector, %r15d
    jmp report_kernel_exception
    .elseif (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
    pushq %r15
    movl $vector, %r15d
    jmp common_entry
    .else
    pushq $0
    pushq %r15
    movl $vector, %r15d
    jmp common_entry
    .endif
    .set vector, vector + 1
    .endr

    .balign 16
common_entry:
    testb $3, (register_cs - register_r15)(%rsp)
    jz from_kernel
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rdx
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %rbp
    pushq %rbx
    pushq %rax
    pushq %rsi
    pushq %rdi
    pushq %r11
    pushq %rcx
    movq (register_next_ip - register_rcx)(%rsp), %rcx
    movq %rcx, (register_fault_ip - register_rcx)(%rsp)
    movq $frame_kernel_stack_top, %rsp
    pushq $2                                    // RFLAGS: everything clear but bit 1
    popfq
    movl %r15d, %edi
    xorl %ebp, %ebp
    callq frame_handle_vector
    jmp frame_leave_kernel

from_kernel:
    cmpl $32, %r15d
    jb report_kernel_exception
    movl %r15d, CORE(core_pending_vector)
    popq %r15
    addq $8, %rsp                               // error code
    andl $~0x200, 0x10(%rsp)                    // the interrupted code continues with interrupts off
    iretq

// All registers go below the processor's frame, in the layout of UserContext, for the report.
report_kernel_exception:
    pushq %r9
    pushq %r8
    pushq %r10
    pushq %rdx
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %rbp
    pushq %rbx
    pushq %rax
    pushq %rsi
    pushq %rdi
    pushq %r11
    pushq %rcx
    pushq (register_next_ip - register_rcx)(%rsp) // fault_ip
    cld
    movl %r15d, %edi                            // first argument: vector
    movq %rsp, %rsi                             // second: the registers
    andq $-16, %rsp
    pushq (register_next_ip)(%rsi)              // a frame for the backtrace: return address and saved RBP
    pushq %rbp
    movq %rsp, %rbp
    callq frame_handle_kernel_exception
    ud2

// ---- Stacks ----
//
// Below each stack lies a page that the kernel's tables leave out (kernel_window.cpp), so that an overflow is a double
// fault with a report and not silent damage.
    .section .bss.page_aligned, "aw", @nobits
    .balign 0x1000
    .globl frame_stacks_start
frame_stacks_start:
    .skip 0x1000
    .skip kernel_stack_bytes
    .globl frame_kernel_stack_top
    .globl frame_boot_stack_top
frame_kernel_stack_top:
frame_boot_stack_top:
    .skip 0x1000
    .skip report_stack_bytes
    .globl frame_nmi_stack_top
frame_nmi_stack_top:
    .skip 0x1000
    .skip report_stack_bytes
    .globl frame_double_fault_stack_top
frame_double_fault_stack_top:
    .skip 0x1000
    .skip report_stack_bytes
    .globl frame_machine_check_stack_top
frame_machine_check_stack_top:

    .section .note.GNU-stack, "", @progbits
