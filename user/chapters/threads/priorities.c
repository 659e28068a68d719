/* SPDX-License-Identifier: BSD-2-Clause */
/// Priorities and who runs (seL4 manual, 6.1.6 "Scheduling").
#include "counting.h"

#include <sel4/invocation.h>

static void priorities(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_once, 1);
    seL4_Yield();
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, above));
    RT_EXPECT_EQUAL(counter, 1);  // it ran at once
}

static void sched_params_errors(RtPool* pool) {
    RtThread thread, authority;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_thread_create(&authority, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_SetSchedParams(authority.tcb, seL4_CapInitThreadTCB, 42, 50));
    // The authority is that thread's maximum controlled priority, 42, not its priority.
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, authority.tcb, 0, 43), seL4_RangeError, seL4_MinPrio, 42);
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, authority.tcb, 43, 0), seL4_RangeError, seL4_MinPrio, 42);
    RT_REQUIRE(seL4_TCB_SetSchedParams(thread.tcb, authority.tcb, 42, 42));
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, seL4_MaxPrio + 1), seL4_RangeError,
                    seL4_MinPrio, seL4_MaxPrio);
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, ROOT, 0, 0), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetSchedParams, CAPS(seL4_CapInitThreadTCB), WORDS(0)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetSchedParams, NO_CAPS, WORDS(0, 0)), seL4_TruncatedMessage);
}

static const RtTest tests[] = {
    {"SetSchedParams sets the priority at once", priorities},
    {"SetSchedParams checks the authority", sched_params_errors},
};

const RtTestGroup priority_tests = TEST_GROUP(tests);
