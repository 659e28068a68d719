/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

enum { calls = 64, waiters = 16 };

static void wake_without_switch(void) {
    RtThread threads[waiters];
    seL4_CPtr first;
    RT_CHECK(rt_pool_retype_many(&pool, seL4_NotificationObject, 0, waiters, &first));
    for (seL4_Word i = 0; i < waiters; i++) {
        // They start at the higher priority, to wait at once.
        start_loop(&threads[i], loop_calls, higher, seL4_CapNull,
                   &(LoopArguments){
                       .capability = first + i, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv});
        RT_CHECK(seL4_TCB_SetPriority(threads[i].tcb, seL4_CapInitThreadTCB, lower));
    }
    // While this thread is below them, they wait again.
    MEASURE_AROUND("Signal, wakes a thread of lower priority", waiters, NOTHING, bare(seL4_SysSend, first + i, 0),
                   RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, lower - 1));
                   RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority)),
                   bare_nothing(seL4_SysSend, first + i, 0));
    for (seL4_Word i = 0; i < waiters; i++) {
        stop(&threads[i]);
    }
}

void measure_signals(void) {
    seL4_CPtr notification = make(seL4_NotificationObject), silent = make(seL4_NotificationObject);
    MEASURE_CALL("Signal, no waiter", calls, seL4_SysSend, notification, 0);
    MEASURE_CALL("Poll, not signalled", calls, seL4_SysNBRecv, silent, 0);
    MEASURE("Signal + Poll", calls, bare(seL4_SysSend, notification, 0);
            bare(seL4_SysNBRecv, notification, 0), bare_nothing(seL4_SysSend, notification, 0);
            bare_nothing(seL4_SysNBRecv, notification, 0));

    RtThread waiter;
    start_loop(&waiter, loop_calls, higher, seL4_CapNull,
               &(LoopArguments){
                   .capability = notification, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv});
    MEASURE_CALL("Signal with switch, Wait", calls, seL4_SysSend, notification, 0);
    stop(&waiter);

    RtThread bound;
    seL4_CPtr endpoint = make(seL4_EndpointObject);
    start_loop(
        &bound, loop_calls, higher, seL4_CapNull,
        &(LoopArguments){.capability = endpoint, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv});
    RT_CHECK(seL4_TCB_BindNotification(bound.tcb, notification));
    MEASURE_CALL("Signal with switch, Recv with bound notification", calls, seL4_SysSend, notification, 0);
    RT_CHECK(seL4_TCB_UnbindNotification(bound.tcb));
    stop(&bound);
    wake_without_switch();
}

/// Two threads of one priority that yield to each other: two switches for each operation. Threads without FPU are those
/// that gave it up.
static void yield_to(const char* name, const char* loop, bool elsewhere, bool fpu) {
    RtThread other;
    const seL4_CPtr self = seL4_CapInitThreadTCB;
    (elsewhere ? start_loop_elsewhere : start_loop)(
        &other, loop, lower, seL4_CapNull,
        &(LoopArguments){.first = (seL4_Word)seL4_SysYield, .then = (seL4_Word)seL4_SysYield});
    RT_CHECK(seL4_TCB_SetPriority(other.tcb, seL4_CapInitThreadTCB, main_priority));
    if (fpu) {
        MEASURE(name, calls, __asm__ volatile("addsd %%xmm0, %%xmm0" :: : "xmm0");
                bare(seL4_SysYield, 0, 0), bare_nothing(seL4_SysYield, 0, 0));
    } else {
        RT_CHECK(seL4_TCB_SetFlags(other.tcb, 0, seL4_TCBFlag_fpuDisabled).error);
        RT_CHECK(seL4_TCB_SetFlags(self, 0, seL4_TCBFlag_fpuDisabled).error);
        MEASURE_CALL(name, calls, seL4_SysYield, 0, 0);
        RT_CHECK(seL4_TCB_SetFlags(self, seL4_TCBFlag_fpuDisabled, 0).error);
    }
    stop(&other);
}

void measure_switches(void) {
    MEASURE_CALL("Yield to self", calls, seL4_SysYield, 0, 0);
    yield_to("Yield, two threads without FPU", loop_calls, false, false);
    yield_to("Yield, two threads without FPU, other space", loop_calls, true, false);
    yield_to("Yield, two threads with FPU", loop_calls_fpu, false, true);
    yield_to("Yield, two threads with FPU, other space", loop_calls_fpu, true, true);
}
