/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <antimono/runtime.h>
#include <antimono/thread.h>

#ifndef CONFIG_LIB_SEL4_USE_THREAD_LOCALS
/// Without thread-local storage libsel4 keeps one IPC buffer pointer for the whole program: a second thread would
/// read the first one's messages. Linking a program that makes threads fails in such a configuration.
#warning "libsel4 is configured without thread-local storage: root tasks can have one thread only"
#endif

seL4_Error rt_thread_create(RtThread* thread, RtPool* pool, seL4_CPtr fault_endpoint, seL4_Word priority) {
    void *stack, *buffer;
    seL4_Error error = rt_pool_retype(pool, seL4_TCBObject, 0, &thread->tcb);
    if (error == seL4_NoError) {
        error = rt_pool_map_pages(pool, RT_THREAD_STACK_PAGES, &stack, NULL);
    }
    if (error == seL4_NoError) {
        error = rt_pool_map_pages(pool, 1, &buffer, &thread->ipc_buffer_frame);
    }
    if (error == seL4_NoError) {
        error =
            (seL4_Error)seL4_TCB_Configure(thread->tcb, fault_endpoint, seL4_CapInitThreadCNode, 0,
                                           seL4_CapInitThreadVSpace, 0, (seL4_Word)buffer, thread->ipc_buffer_frame);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_TCB_SetSchedParams(thread->tcb, seL4_CapInitThreadTCB, seL4_MinPrio, priority);
    }
    if (error != seL4_NoError) {
        return error;
    }
    thread->ipc_buffer = buffer;
    thread->stack_bottom = (seL4_Word)stack;
    thread->stack_top = (seL4_Word)stack + RT_THREAD_STACK_PAGES * (1ul << seL4_PageBits);
    // The TLS block takes the top of the stack's pages.
    thread->stack_top = (thread->stack_top - rt_tls_block_size()) & ~(seL4_Word)(RT_TLS_ALIGNMENT - 1);
    thread->thread_pointer = rt_tls_build((void*)thread->stack_top);
#ifdef CONFIG_LIB_SEL4_USE_THREAD_LOCALS
    *(seL4_IPCBuffer**)rt_tls_translate(&__sel4_ipc_buffer, thread->thread_pointer) = thread->ipc_buffer;
#endif
    return seL4_NoError;
}

/// The first function of a thread; the kernel enters it as if it had been called.
static RT_NORETURN void thread_main(seL4_Word argument, RtThreadEntry entry, seL4_CPtr tcb) {
    entry(argument);
    for (;;) {
        seL4_TCB_Suspend(tcb);
    }
}

void rt_thread_registers(const RtThread* thread, RtThreadEntry entry, seL4_Word argument, seL4_UserContext* registers) {
    *registers = (seL4_UserContext){
        .rip = (seL4_Word)thread_main,
        // The ABI has RSP + 8 aligned to 16 bytes on entry to a function; the return address there is zero.
        .rsp = thread->stack_top - sizeof(seL4_Word),
        .rflags = 0x202,  // interrupts enabled; bit 1 is always set
        .rdi = argument,
        .rsi = (seL4_Word)entry,
        .rdx = thread->tcb,
        .fs_base = thread->thread_pointer,
    };
}

seL4_Error rt_thread_start(RtThread* thread, RtThreadEntry entry, seL4_Word argument) {
    seL4_UserContext registers;
    rt_thread_registers(thread, entry, argument, &registers);
    return (seL4_Error)seL4_TCB_WriteRegisters(thread->tcb, 1, 0, RT_REGISTER_COUNT, &registers);
}
