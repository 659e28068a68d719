/* SPDX-License-Identifier: BSD-2-Clause */
/// Takes each way through the kernel a known number of times, which tests/stats compares with what `antimono run --stats`
/// counts. It prints a line `expect PATH: REASON: TIMES` for each, PATH and REASON as the kernel's list has them.
#include "bench.h"

RtPool pool;

static seL4_CPtr new_object(seL4_Word type) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(&pool, type, 0, &object));
    return object;
}

static seL4_CPtr new_mint(seL4_CPtr source, seL4_CapRights_t rights) {
    seL4_CPtr slot = rt_pool_slot(&pool);
    RT_CHECK(seL4_CNode_Mint(OWN, slot, seL4_WordBits, OWN, source, seL4_WordBits, rights, 0));
    return slot;
}

static seL4_CPtr new_thread(seL4_Word priority, seL4_CPtr faults) {
    seL4_CPtr tcb = new_object(seL4_TCBObject);
    prepare_thread(tcb, priority, faults);
    return tcb;
}

static void start(seL4_CPtr tcb, const char* loop, seL4_CPtr capability, seL4_Syscall_ID first, seL4_Syscall_ID then) {
    const LoopArguments arguments = {.capability = capability, .first = (seL4_Word)first, .then = (seL4_Word)then};
    run_loop(tcb, loop, &arguments);
}

/// A thread of higher priority makes one call that it does not come back from, `times` times.
static void stuck(seL4_CPtr capability, seL4_Syscall_ID call, seL4_Word times) {
    seL4_CPtr tcb = new_thread(higher, seL4_CapNull);
    for (seL4_Word i = 0; i < times; i++) {
        start(tcb, loop_calls, capability, call, call);
        RT_CHECK(seL4_TCB_Suspend(tcb));
    }
}

static void expect(const char* path, const char* reason, seL4_Word times) {
    rt_printf("expect %s: %s: %lu\n", path, reason, times);
}

static void calls(void) {
    enum { fast = 1000, long_ones = 17, with_capability = 11, unreceived = 7, unright = 3, behind = 5, unasked = 6 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), server = new_thread(higher, seL4_CapNull);
    start(server, loop_calls, endpoint, seL4_SysRecv, seL4_SysReplyRecv);
    LOOP(fast, bare(seL4_SysCall, endpoint, 0));
    LOOP(long_ones, bare(seL4_SysCall, endpoint, message(0, 0, 12)));
    seL4_SetCap(0, endpoint);
    LOOP(with_capability, bare(seL4_SysCall, endpoint, message(0, 1, 0)));
    RT_CHECK(seL4_TCB_Suspend(server));
    stuck(endpoint, seL4_SysCall, unreceived);
    stuck(new_mint(endpoint, seL4_CapRights_new(0, 0, 0, 1)), seL4_SysCall, unright);
    stuck(endpoint, seL4_SysReplyRecv, unasked);

    // The server is less important than a thread that the signal has made ready.
    seL4_CPtr notification = new_object(seL4_NotificationObject);
    seL4_CPtr low = new_thread(higher, seL4_CapNull), between = new_thread(higher, seL4_CapNull);
    start(low, loop_calls, endpoint, seL4_SysRecv, seL4_SysReplyRecv);
    start(between, loop_calls, notification, seL4_SysRecv, seL4_SysRecv);
    RT_CHECK(seL4_TCB_SetPriority(low, seL4_CapInitThreadTCB, lower));
    RT_CHECK(seL4_TCB_SetPriority(between, seL4_CapInitThreadTCB, lower + 10));
    LOOP(behind, bare(seL4_SysSend, notification, 0); bare(seL4_SysCall, endpoint, 0));
    RT_CHECK(seL4_TCB_Suspend(low));

    enum { signals = 100, sends = 13, nowhere = 4 };
    LOOP(signals, bare(seL4_SysSend, notification, 0); bare(seL4_SysNBRecv, notification, 0));
    LOOP(sends, bare(seL4_SysNBSend, endpoint, 0));
    LOOP(nowhere, bare(seL4_SysNBSend, seL4_CapNull, 0));
    expect("call", "fast", fast + long_ones);
    expect("call", "capabilities", with_capability);
    expect("call", "no_receiver", unreceived);
    expect("call", "no_right", unright);
    expect("call", "less_important", behind);
    expect("reply_recv", "fast", fast + long_ones + with_capability + behind);
    expect("reply_recv", "nobody", unasked);
    expect("signal", "fast", behind + signals);
    expect("signal", "not_notification", sends);
    expect("signal", "nothing_there", nowhere);
}

static void faults(void) {
    enum { answered = 20, alone = 3, unhandled = 2 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), faulter = new_thread(lower, endpoint);
    start(faulter, loop_undefined, seL4_CapNull, 0, 0);
    bare(seL4_SysRecv, endpoint, 0);
    LOOP(answered, bare(seL4_SysReplyRecv, endpoint, 0));
    RT_CHECK(seL4_TCB_Suspend(faulter));
    seL4_CPtr other = new_thread(higher, endpoint), lost = new_thread(higher, seL4_CapNull);
    for (seL4_Word i = 0; i < alone; i++) {
        start(other, loop_undefined, seL4_CapNull, 0, 0);
        RT_CHECK(seL4_TCB_Suspend(other));
    }
    for (seL4_Word i = 0; i < unhandled; i++) {
        start(lost, loop_undefined, seL4_CapNull, 0, 0);
        RT_CHECK(seL4_TCB_Suspend(lost));
    }
    expect("fault", "fast", answered + 1);
    expect("fault", "no_receiver", alone);
    expect("fault", "no_handler", unhandled);
    expect("reply_recv", "fast_fault", answered);
}

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    RT_CHECK(rt_pool_create(&pool, 20, 64));
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
    calls();
    faults();
    return 0;
}
