/* SPDX-License-Identifier: BSD-2-Clause */
/// The FPU's registers belong to the thread, whatever way the kernel is entered and left (seL4 manual, 6.1).
#include "threads.h"

#include <sel4/invocation.h>

static seL4_MessageInfo_t tag(seL4_Word label, seL4_Word length) { return seL4_MessageInfo_new(label, 0, 0, length); }

/// System calls that come back to the same thread.
static void calls_that_return(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), notification = make(pool, seL4_NotificationObject), memory;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 21, &memory));
    fpu_expect_across_call("Yield", 3, (seL4_Word)seL4_SysYield, 0, tag(0, 0), NULL);
    fpu_expect_across_call("NBSend", 4, (seL4_Word)seL4_SysNBSend, endpoint, tag(0, 4), NULL);
    fpu_expect_across_call("NBRecv", 5, (seL4_Word)seL4_SysNBRecv, endpoint, tag(0, 0), NULL);
    fpu_expect_across_call("Signal", 6, (seL4_Word)seL4_SysSend, notification, tag(0, 0), NULL);
    fpu_expect_across_call("Reply without caller", 7, (seL4_Word)seL4_SysReply, 0, tag(0, 0), NULL);
    const seL4_Word slot[4] = {memory, DEPTH};
    seL4_MessageInfo_t info =
        fpu_expect_across_call("Revoke", 8, (seL4_Word)seL4_SysCall, ROOT, tag(CNodeRevoke, 2), slot);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
    info = fpu_expect_across_call("an error", 9, (seL4_Word)seL4_SysCall, ROOT, tag(CNodeRevoke, 0), slot);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
}

/// Retype clears memory, which takes long enough for timer interrupts, and for preemption.
static void retype(RtPool* pool) {
    seL4_CPtr memory, slot = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 21, &memory));
    for (unsigned round = 0; round < 8; round++) {
        // The words from the fifth on are in the IPC buffer.
        seL4_SetMR(4, slot);
        seL4_SetMR(5, 1);
        seL4_SetCap(0, ROOT);
        const seL4_Word words[4] = {seL4_X86_LargePageObject, 0, 0, 0};
        seL4_MessageInfo_t info = fpu_expect_across_call("Retype", 10 + round, (seL4_Word)seL4_SysCall, memory,
                                                         seL4_MessageInfo_new(UntypedRetype, 0, 1, 6), words);
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
        RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
    }
}

static void call_and_reply(RtPool* pool) {
    static FpuKeeper server;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    fpu_keeper_start(&server, pool, above, endpoint, 1);
    for (unsigned round = 0; round < 10; round++) {
        fpu_expect_across_call("Call", 2 + round, (seL4_Word)seL4_SysCall, endpoint, tag(0, round), NULL);
    }
    fpu_expect_kept(&server, 10);
}

/// The same with a server below the caller, so that the caller blocks.
static void call_to_a_lower_server(RtPool* pool) {
    static FpuKeeper server;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    fpu_keeper_start(&server, pool, below, endpoint, 1);
    for (unsigned round = 0; round < 10; round++) {
        fpu_expect_across_call("Call", 2 + round, (seL4_Word)seL4_SysCall, endpoint, tag(0, round), NULL);
    }
}

static void signals(RtPool* pool) {
    static FpuKeeper waiter;
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    fpu_keeper_start(&waiter, pool, above, notification, 1);
    for (unsigned round = 0; round < 10; round++) {
        fpu_expect_across_call("Signal", 2 + round, (seL4_Word)seL4_SysSend, notification, tag(0, 0), NULL);
    }
    fpu_expect_kept(&waiter, 10);
}

/// A chain: the test signals, the waiter above it runs, and one more above that.
static void three_threads(RtPool* pool) {
    static FpuKeeper keepers[3];
    seL4_CPtr endpoints[3];
    for (unsigned i = 0; i < 3; i++) {
        endpoints[i] = make(pool, seL4_EndpointObject);
        fpu_keeper_start(&keepers[i], pool, above + i, endpoints[i], 21 + i);
    }
    for (unsigned round = 0; round < 30; round++) {
        fpu_expect_across_call("Call", 2 + round, (seL4_Word)seL4_SysCall, endpoints[round * round % 3], tag(0, 0),
                               NULL);
    }
    RT_EXPECT_EQUAL(keepers[0].rounds + keepers[1].rounds + keepers[2].rounds, 30);
    for (int i = 0; i < 3; i++) {
        fpu_expect_kept(&keepers[i], keepers[i].rounds);
    }
}

static void take_turns(seL4_Word argument) {
    FpuKeeper* self = (FpuKeeper*)argument;
    static FpuImage images[2][2];
    FpuImage *in = &images[self->seed % 2][0], *out = &images[self->seed % 2][1];
    while (self->rounds < 8) {
        fpu_pattern(in, self->seed + 2 * (unsigned)self->rounds);
        self->turn++;
        fpu_across_change(in, out, self->other_turn);
        unsigned found = fpu_difference(out, in);
        self->changed = self->changed != 0 ? self->changed : found;
        self->rounds++;
    }
    for (;;) {
        self->turn++;  // the other one still waits for that
    }
}

/// Two threads that never call the kernel: only the timer takes the processor from one and gives it to the other.
static void timer(RtPool* pool) {
    static FpuKeeper a, b;
    a = (FpuKeeper){.seed = 30, .other_turn = &b.turn};
    b = (FpuKeeper){.seed = 31, .other_turn = &a.turn};
    start_thread(&a.thread, pool, below, seL4_CapNull, take_turns, (seL4_Word)&a);
    start_thread(&b.thread, pool, below, seL4_CapNull, take_turns, (seL4_Word)&b);
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below));
    while (a.rounds < 8 || b.rounds < 8) {
        seL4_Yield();
    }
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    fpu_expect_kept(&a, 8);
    fpu_expect_kept(&b, 8);
}

/// An interrupt whose handler is the kernel alone.
static void timer_alone(RtPool* pool) {
    (void)pool;
    static FpuImage in, out;
    fpu_pattern(&in, 44);
    // A tick is 2 ms. The counter's speed is not known, so this is a tick on the slowest machine, and many on others.
    for (unsigned round = 0; round < 20; round++) {
        fpu_across_time(&in, &out, 2000000 + 500000 * round);
        fpu_expect_same("timer interrupts", &out, &in);
    }
}

static const RtTest tests[] = {
    {"system calls that return to the caller leave the FPU alone", calls_that_return},
    {"Retype leaves the FPU alone", retype},
    {"Call and reply between two threads", call_and_reply},
    {"Call to a server of lower priority", call_to_a_lower_server},
    {"signals that wake another thread", signals},
    {"four threads by turns", three_threads},
    {"the timer switches between two threads", timer},
    {"timer interrupts leave the FPU alone", timer_alone},
};

const RtTestGroup switch_tests = TEST_GROUP(tests);
