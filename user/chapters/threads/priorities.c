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

static void set_priority_errors(RtPool* pool) {
    RtThread thread, authority;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_thread_create(&authority, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_SetMCPriority(authority.tcb, seL4_CapInitThreadTCB, 42));
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(thread.tcb, authority.tcb, 43), seL4_RangeError, seL4_MinPrio, 42);
    RT_EXPECT_ERROR(seL4_TCB_SetMCPriority(thread.tcb, authority.tcb, 43), seL4_RangeError, seL4_MinPrio, 42);
    RT_REQUIRE(seL4_TCB_SetPriority(thread.tcb, authority.tcb, 42));
    RT_REQUIRE(seL4_TCB_SetMCPriority(thread.tcb, authority.tcb, 42));
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(thread.tcb, seL4_CapInitThreadTCB, seL4_MaxPrio + 1), seL4_RangeError,
                    seL4_MinPrio, seL4_MaxPrio);
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(thread.tcb, seL4_CapInitThreadTCB, ~0ul), seL4_RangeError, seL4_MinPrio,
                    seL4_MaxPrio);
    RT_EXPECT_ERROR(seL4_TCB_SetMCPriority(thread.tcb, seL4_CapInitThreadTCB, seL4_MaxPrio + 1), seL4_RangeError,
                    seL4_MinPrio, seL4_MaxPrio);
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(thread.tcb, ROOT, 0), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(seL4_TCB_SetMCPriority(thread.tcb, rt_pool_slot(pool), 0), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetPriority, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetPriority, CAPS(thread.tcb), NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetMCPriority, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetMCPriority, CAPS(thread.tcb), NO_WORDS), seL4_TruncatedMessage);
}

/// The maximum limits what is set with a thread as the authority, not what the thread has itself.
static void the_maximum_is_authority(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    RT_REQUIRE(seL4_TCB_SetMCPriority(thread.tcb, seL4_CapInitThreadTCB, 5));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);  // its priority is what it was
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(thread.tcb, thread.tcb, 6), seL4_RangeError, seL4_MinPrio, 5);
    RT_REQUIRE(seL4_TCB_SetPriority(thread.tcb, seL4_CapInitThreadTCB, below + 1));
    // It can be lowered for good: nobody can raise it with the thread's own authority.
    RT_REQUIRE(seL4_TCB_SetMCPriority(thread.tcb, thread.tcb, 4));
    RT_EXPECT_ERROR(seL4_TCB_SetMCPriority(thread.tcb, thread.tcb, 5), seL4_RangeError, seL4_MinPrio, 4);
    RT_REQUIRE(seL4_TCB_SetMCPriority(thread.tcb, seL4_CapInitThreadTCB, 5));
    // A new thread's maximum is 0.
    seL4_CPtr fresh = make(pool, seL4_TCBObject);
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(fresh, fresh, 1), seL4_RangeError, seL4_MinPrio, 0);
}

static const RtTest tests[] = {
    {"SetPriority and SetMCPriority check the authority", set_priority_errors},
    {"the maximum controlled priority is an authority", the_maximum_is_authority},
    {"SetSchedParams sets the priority at once", priorities},
    {"SetSchedParams checks the authority", sched_params_errors},
};

const RtTestGroup priority_tests = TEST_GROUP(tests);
