/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads that share the root task's capability space and address space.
#pragma once

#include <antimono/pool.h>

#include <sel4/sel4.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RT_THREAD_STACK_PAGES 4

typedef struct RtThread {
    seL4_CPtr tcb;
    seL4_CPtr ipc_buffer_frame;
    seL4_IPCBuffer* ipc_buffer;
    seL4_Word stack_bottom, stack_top;  ///< RT_THREAD_STACK_PAGES pages, an unmapped one below
    seL4_Word thread_pointer;           ///< its TLS block, the value of FS
} RtThread;

/// What a thread runs. When it returns, the thread suspends itself.
typedef void (*RtThreadEntry)(seL4_Word argument);

/// Makes a thread out of `pool`: TCB, stack with guard pages, TLS block, IPC buffer. It is not running yet.
/// `fault_endpoint` receives its faults, seL4_CapNull for none. `priority` is 0 to seL4_MaxPrio; the initial thread has
/// seL4_MaxPrio.
seL4_Error rt_thread_create(RtThread* thread, RtPool* pool, seL4_CPtr fault_endpoint, seL4_Word priority);

/// Sets the thread's registers so that it calls `entry(argument)`, and resumes it. For a thread that has run before this
/// starts it afresh.
seL4_Error rt_thread_start(RtThread* thread, RtThreadEntry entry, seL4_Word argument);

/// What rt_thread_start() writes, for programs that want to change a register first.
void rt_thread_registers(const RtThread* thread, RtThreadEntry entry, seL4_Word argument, seL4_UserContext* registers);

/// Number of words in seL4_UserContext, the `count` that seL4_TCB_WriteRegisters takes for all of them.
#define RT_REGISTER_COUNT (sizeof(seL4_UserContext) / sizeof(seL4_Word))

#ifdef __cplusplus
}
#endif
