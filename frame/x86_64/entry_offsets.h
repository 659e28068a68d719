// SPDX-License-Identifier: GPL-2.0-only
//
// Numbers that entry.S shares with C++. per_core.cpp asserts each of them against the types.
#pragma once

// UserContext
#define register_fault_ip 0x00
#define register_rcx 0x08
#define register_r11 0x10
#define register_rdi 0x18
#define register_rsi 0x20
#define register_rax 0x28
#define register_rbx 0x30
#define register_rbp 0x38
#define register_r12 0x40
#define register_r13 0x48
#define register_r14 0x50
#define register_rdx 0x58
#define register_r10 0x60
#define register_r8 0x68
#define register_r9 0x70
#define register_r15 0x78
#define register_error 0x80
#define register_next_ip 0x88
#define register_cs 0x90
#define register_rflags 0x98
#define register_rsp 0xa0
#define register_ss 0xa8
#define register_interrupt_end 0xb0

// CoreLocal
#define core_registers_frame 0x00
#define core_pending_vector 0x08
#define core_kernel_root 0x10
#define core_user_root 0x18
#define core_rsp0 0x30

#define vector_stub_bytes 16
#define vector_stub_count 256
#define kernel_stack_bytes 0x4000
#define report_stack_bytes 0x2000
#define entry_stack_bytes 0x40

// Of a thread that has not run yet (user_context.hpp).
#define initial_code_selector 0x2b
#define initial_stack_selector 0x33
#define initial_rflags 0x202

// DR6 with nothing to tell (Intel SDM vol. 3B, 17.2.3).
#define idle_debug_status 0xffff0ff0
