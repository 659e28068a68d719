// SPDX-License-Identifier: GPL-2.0-only
//
// The way into the kernel and the way out.
//
//     user program                      this file                              C++ (entry.cpp)
//     ------------                      ---------                              ---------------
//     SYSCALL ----------------------->  frame_syscall_entry  ---------------->  frame_handle_syscall
//     exception, interrupt, INT n --->  vector stub, common_entry  ---------->  frame_handle_vector
//     runs  <-------------------------  frame_leave_kernel  <----------------  returns normally
//                                          |      ^
//                                          v      |
//                                       idle: sti, hlt  --------------------->  frame_handle_vector
//
//     kernel, interrupts on only in idle and frame_poll_interrupt:
//     interrupt --------------------->  note the vector in the core's data, return with interrupts off
//     exception --------------------->  frame_handle_kernel_exception: a panic, with all registers
//     NMI, double fault, machine check  on stacks of their own: frame_handle_kernel_exception
//     debug exception -------------->  on a stack of its own, see enter_from_debug_stack
//
// A user's registers are stored once, straight into the running thread's UserContext (frame/user_context.hpp): the
// core's `registers_frame` points to the processor's part of it (next_ip), and TSS.RSP0 just past that part. Nothing else
// lives on a stack while user code runs, so there is one kernel stack per core and C++ starts at its top each time.
//
// With page-table isolation (kernel_window.hpp) the user's tables show of the kernel only the gate: the entry and exit code,
// the core's data and a small stack. There are two ways in and two ways out then, chosen at boot: SYSCALL and SYSRET are
// the same with CR3 exchanged at the edge; interrupts and exceptions push on the entry stack, and what they pushed moves
// into the UserContext once the kernel's tables are loaded. Nothing in C++ depends on which kind is in use.
//
// SAFETY of this file:
//  * registers_frame and TSS.RSP0 name the same live UserContext whenever user code runs (set_current sets the one, the
//    way out the other; the kernel keeps the thread alive), or the idle frame, whose memory is static. With isolation RSP0 is the top of the
//    entry stack at all times: eight words of it are used, with interrupts off.
//  * Where the user's tables are loaded, only code, data and stacks of the gate are touched: sections .text.gate and
//    .bss.gate. core_user_root is a live PML4 whose upper half shows the gate.
//  * Everything loaded on the way out was made harmless when it was stored (UserContext::set) or came from the
//    processor: canonical RIP, user selectors, RFLAGS with IF. So neither SYSRET nor IRETQ can fault. With TF set, the
//    debug exception hits the user: right after SYSRET, or after the first instruction that IRETQ returns to. A
//    SYSCALL as the last instruction below the non-canonical hole cannot happen: that page is never mapped for users.
//  * DF, AC, NT and TF are clear in C++: IA32_FMASK for SYSCALL, POPF for the rest.

#include "entry_offsets.h"

// The running core's data. One core: an absolute address. More cores: SWAPGS on entry and exit, and %gs:field here.
#define CORE(field) frame_core_local + field

    .text
    .code64
    .cfi_sections .debug_frame

// ---- SYSCALL (Intel SDM vol. 2B, SYSCALL): RIP is in RCX, RFLAGS in R11, RSP is still the user's ----
//
// seL4's convention: RDI capability, RSI message info, RDX system call number; RSP is not preserved (the caller keeps it
// in RBX), so it is not stored. RCX and R11 are lost by the instruction itself.
    .macro handle_syscall
    movq CORE(core_registers_frame), %rsp
    movq %rcx, (%rsp)                           // next_ip
    movq %r11, 0x10(%rsp)                       // rflags
    pushq $-1                                   // error: entered by SYSCALL
    pushq %r15
    push_registers_below_r15
    leaq -2(%rcx), %rcx                         // the SYSCALL instruction itself, two bytes long
    movq %rcx, (register_fault_ip - register_rdi)(%rsp)
    movq $frame_kernel_stack_top, %rsp
    xorl %ebp, %ebp                             // end of the chain of frames
    callq frame_handle_syscall                  // (rdi, rsi, rdx) are the user's, as they came; keeps no register
    .endm

    // R9 to RDI, as they lie in UserContext.
    .macro push_registers_below_r15
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
    .endm

    // All but RCX, R11 and RSP, from the UserContext whose next_ip is at `frame`.
    .macro load_registers frame
    movq (register_rdi - register_next_ip)(\frame), %rdi
    movq (register_rsi - register_next_ip)(\frame), %rsi
    movq (register_rax - register_next_ip)(\frame), %rax
    movq (register_rbx - register_next_ip)(\frame), %rbx
    movq (register_rbp - register_next_ip)(\frame), %rbp
    movq (register_r12 - register_next_ip)(\frame), %r12
    movq (register_r13 - register_next_ip)(\frame), %r13
    movq (register_r14 - register_next_ip)(\frame), %r14
    movq (register_rdx - register_next_ip)(\frame), %rdx
    movq (register_r10 - register_next_ip)(\frame), %r10
    movq (register_r8 - register_next_ip)(\frame), %r8
    movq (register_r9 - register_next_ip)(\frame), %r9
    movq (register_r15 - register_next_ip)(\frame), %r15
    .endm

    .section .text.gate, "ax"
    .balign 16
    .globl frame_syscall_entry
    .type frame_syscall_entry, @function
frame_syscall_entry:
    .cfi_startproc
    .cfi_undefined %rip                         // a debugger's backtrace ends here
    handle_syscall
    .cfi_endproc
    // fall through

// ---- Leave the kernel for the current thread ----
leave_directly:
    movq CORE(core_registers_frame), %rcx
    leaq (register_interrupt_end - register_next_ip)(%rcx), %rsp // where interrupts and exceptions push
    movq %rsp, CORE(core_rsp0)
    cmpq $-1, (register_error - register_next_ip)(%rcx)
    jne leave_directly_by_iret
    load_registers %rcx
    movq (register_rflags - register_next_ip)(%rcx), %r11
    movq (%rcx), %rcx
    xorl %esp, %esp                             // no kernel address for the user
    sysretq

leave_directly_by_iret:
    movq %rcx, %rsp
    testb $3, (register_cs - register_next_ip)(%rsp)
    jz idle                                     // only the idle frame has the kernel's code selector
    movq (register_rcx - register_next_ip)(%rsp), %rcx
    movq (register_r11 - register_next_ip)(%rsp), %r11
    load_registers %rsp
    iretq

// ---- The same with page-table isolation ----
    .balign 16
    .globl frame_syscall_entry_isolated
    .type frame_syscall_entry_isolated, @function
frame_syscall_entry_isolated:
    .cfi_startproc
    .cfi_undefined %rip
    movq CORE(core_kernel_root), %rsp
    movq %rsp, %cr3
    handle_syscall
    .cfi_endproc
    // fall through

leave_isolated:
    movq CORE(core_registers_frame), %rcx
    cmpq $-1, (register_error - register_next_ip)(%rcx)
    jne leave_isolated_by_iret
    load_registers %rcx
    movq (register_rflags - register_next_ip)(%rcx), %r11
    movq (%rcx), %rcx
    movq CORE(core_user_root), %rsp
    movq %rsp, %cr3
    xorl %esp, %esp
    sysretq

leave_isolated_by_iret:
    testb $3, (register_cs - register_next_ip)(%rcx)
    jz idle
    movq $frame_entry_stack_top, %rsp
    pushq (register_ss - register_next_ip)(%rcx)
    pushq (register_rsp - register_next_ip)(%rcx)
    pushq (register_rflags - register_next_ip)(%rcx)
    pushq (register_cs - register_next_ip)(%rcx)
    pushq (%rcx)
    pushq (register_rcx - register_next_ip)(%rcx)
    movq (register_r11 - register_next_ip)(%rcx), %r11
    load_registers %rcx
    movq CORE(core_user_root), %rcx
    movq %rcx, %cr3
    popq %rcx
    iretq

// ---- Leave, whichever way this machine needs ----
    .globl frame_leave_kernel
    .type frame_leave_kernel, @function
frame_leave_kernel:
    cmpq $0, CORE(core_kernel_root)
    je leave_directly
    jmp leave_isolated

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
    .rept vector_stub_count
    .balign vector_stub_bytes
    .if vector == 1
    pushq $0
    pushq %r15
    movl $vector, %r15d
    jmp enter_from_debug_stack
    .elseif vector == 2 || vector == 18
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
    .cfi_startproc
    .cfi_undefined %rip
    testb $3, (register_cs - register_r15)(%rsp)
    jz from_kernel
    cmpq $0, CORE(core_kernel_root)
    jne from_user_isolated
from_user:
    push_registers_below_r15
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
    .cfi_endproc

// RSP is eight words below the top of the entry stack, once R14 is pushed.
from_user_isolated:
    pushq %r14
    movq CORE(core_kernel_root), %r14
    movq %r14, %cr3
move_to_context:
    movq CORE(core_registers_frame), %r14
    popq (register_r14 - register_next_ip)(%r14)
    popq (register_r15 - register_next_ip)(%r14)
    popq (register_error - register_next_ip)(%r14)
    popq (%r14)
    popq (register_cs - register_next_ip)(%r14)
    popq (register_rflags - register_next_ip)(%r14)
    popq (register_rsp - register_next_ip)(%r14)
    popq (register_ss - register_next_ip)(%r14)
    leaq (register_r15 - register_next_ip)(%r14), %rsp
    movq (register_r14 - register_r15)(%rsp), %r14
    jmp from_user

from_kernel:
    cmpl $32, %r15d
    jb report_kernel_exception
    movl %r15d, CORE(core_pending_vector)
    popq %r15
    addq $8, %rsp                               // error code
    andl $~0x200, 0x10(%rsp)                    // the interrupted code continues with interrupts off
    iretq

// ---- Debug exceptions ----
//
// They have a stack of their own because of what Intel's SDM says of MOV SS and POP SS (vol. 2B, MOV; vol. 3A, 6.8.3): a
// breakpoint on their operand comes only after the next instruction. If that is SYSCALL or INT n, the exception hits the
// first instruction of the kernel, after SYSCALL still with the user's RSP: never may anything be pushed there. Such an
// exception is dropped; one anywhere else in the kernel is a bug of the kernel's.
//
// QEMU 7.2 raises a second one at the first instruction of the first one's stub, where a single step ends in an access to
// a watched address. It takes the first one's place on the stack, so the thread's RIP and RSP are lost: both become 0.
enter_from_debug_stack:
    testb $3, (register_cs - register_r15)(%rsp)
    jz debug_exception_in_kernel
    cmpq $0, CORE(core_kernel_root)
    jne from_user_isolated
    pushq %r14
    jmp move_to_context

debug_exception_in_kernel:
    movq (register_next_ip - register_r15)(%rsp), %r15
    cmpq $frame_syscall_entry, %r15
    je 1f
    cmpq $frame_syscall_entry_isolated, %r15
    je 1f
    subq $frame_vector_stubs, %r15
    cmpq $vector_stub_bytes, %r15               // the stub of vector 1
    je debug_exception_twice
    cmpq $(vector_stub_count * vector_stub_bytes), %r15
    jae 2f
    testq $(vector_stub_bytes - 1), %r15
    jnz 2f
1:  movl $idle_debug_status, %r15d              // or the next debug exception would tell of this one, too
    movq %r15, %dr6
    popq %r15
    addq $8, %rsp
    iretq
2:  movl $1, %r15d
    jmp report_kernel_exception

debug_exception_twice:
    movl $1, %r15d
    movq $0, (register_next_ip - register_r15)(%rsp)
    movq $initial_code_selector, (register_cs - register_r15)(%rsp)
    movq $initial_rflags, (register_rflags - register_r15)(%rsp)
    movq $0, (register_rsp - register_r15)(%rsp)
    movq $initial_stack_selector, (register_ss - register_r15)(%rsp)
    jmp enter_from_debug_stack

// All registers go below the processor's frame, in the layout of UserContext, for the report.
report_kernel_exception:
    push_registers_below_r15
    pushq %r11
    pushq %rcx
    movq CORE(core_kernel_root), %rax           // it may have come from user mode, or at the edge
    testq %rax, %rax
    jz 1f
    movq %rax, %cr3
1:
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

// Stacks that the processor itself switches to in user mode, so they are part of the gate. The linker script puts the
// rest of the gate's data behind them.
    .section .bss.gate_stacks, "aw", @nobits
    .balign 0x1000
    .globl frame_report_stacks_start
frame_report_stacks_start:
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
    .globl frame_debug_stack_top
frame_debug_stack_top:
    .skip 0x1000
    .skip report_stack_bytes
    .globl frame_machine_check_stack_top
frame_machine_check_stack_top:
    .skip entry_stack_bytes
    .globl frame_entry_stack_top
frame_entry_stack_top:

    .section .note.GNU-stack, "", @progbits
