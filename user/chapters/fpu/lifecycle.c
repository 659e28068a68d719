/* SPDX-License-Identifier: BSD-2-Clause */
/// What a thread's FPU state is at its start, and what happens to it when the thread is stopped, rewritten or deleted.
#include "threads.h"

#include <sel4/invocation.h>

#include <string.h>

static FpuImage seen;
static volatile bool stored;

/// The first thing that a thread does: nothing has used the FPU before.
static void store_at_once(seL4_Word unused) {
    (void)unused;
    fpu_store(&seen);
    stored = true;
}

static void start_and_look(RtThread* thread, RtPool* pool) {
    memset(&seen, 0, sizeof seen);
    stored = false;
    RT_CHECK(rt_thread_create(thread, pool, seL4_CapNull, above));
    static FpuImage poison;
    fpu_pattern(&poison, 3);
    seL4_UserContext registers;
    rt_thread_registers(thread, store_at_once, 0, &registers);
    RT_CHECK(seL4_TCB_WriteRegisters(thread->tcb, 0, 0, RT_REGISTER_COUNT, &registers));
    const FpuCall resume = {.number = (seL4_Word)seL4_SysCall,
                            .target = thread->tcb,
                            .info = seL4_MessageInfo_new(TCBResume, 0, 0, 0).words[0]};
    FpuImage after;
    fpu_across_call(&poison, &after, &resume);
    RT_EXPECT(stored);
    fpu_expect_initial("a new thread", &seen);
    fpu_expect_same("the thread that started it", &after, &poison);
}

static void new_thread(RtPool* pool) {
    RtThread thread;
    for (int round = 0; round < 5; round++) {
        start_and_look(&thread, pool);
    }
}

static void loop_with_pattern(seL4_Word notification) {
    static FpuImage in;
    fpu_pattern(&in, 12);
    fpu_load(&in);
    seL4_Signal(notification);
}

/// A thread is deleted whose state is still in the FPU; its memory becomes a thread again.
static void deleted_owner(RtPool* pool) {
    seL4_CPtr memory, notification = make(pool, seL4_NotificationObject);
    static RtThread thread;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, seL4_TCBBits, &memory));
    for (int round = 0; round < 5; round++) {
        seL4_CPtr old = thread.tcb;
        seL4_CPtr tcb = round == 0 ? rt_pool_slot(pool) : old;
        RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_TCBObject, 0, ROOT, 0, 0, tcb, 1));
        thread.tcb = tcb;
        RT_REQUIRE(seL4_TCB_Configure(tcb, seL4_CapNull, ROOT, 0, seL4_CapInitThreadVSpace, 0,
                                      (seL4_Word)thread.ipc_buffer, thread.ipc_buffer_frame));
        RT_REQUIRE(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, above));
        memset(&seen, 0, sizeof seen);
        RT_REQUIRE(rt_thread_start(&thread, store_at_once, 0));
        fpu_expect_initial("a thread in memory of a deleted one", &seen);
        RT_REQUIRE(rt_thread_start(&thread, loop_with_pattern, notification));
        // The thread was the last to use the FPU when it stopped: this one has not touched it since.
        RT_REQUIRE(seL4_CNode_Delete(ROOT, tcb, DEPTH));
        fpu_expect_across_call("Yield", 6, (seL4_Word)seL4_SysYield, 0, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
    }
}

/// Deleting the thread that has the FPU, with one call that does nothing else.
static void deleted_while_another_state_is_loaded(RtPool* pool) {
    static FpuKeeper keeper;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    fpu_keeper_start(&keeper, pool, above, endpoint, 7);
    fpu_expect_across_call("Call", 8, (seL4_Word)seL4_SysCall, endpoint, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
    const seL4_Word slot[4] = {keeper.thread.tcb, DEPTH};
    seL4_MessageInfo_t info = fpu_expect_across_call("Delete", 9, (seL4_Word)seL4_SysCall, ROOT,
                                                     seL4_MessageInfo_new(CNodeDelete, 0, 0, 2), slot);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
    fpu_expect_kept(&keeper, 1);
}

static void suspended(RtPool* pool) {
    static FpuKeeper keeper;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    fpu_keeper_start(&keeper, pool, above, endpoint, 7);
    for (seL4_Word round = 1; round <= 3; round++) {
        RT_REQUIRE(seL4_TCB_Suspend(keeper.thread.tcb));
        fpu_expect_across_call("Resume", 8, (seL4_Word)seL4_SysCall, keeper.thread.tcb,
                               seL4_MessageInfo_new(TCBResume, 0, 0, 0), NULL);
        fpu_expect_across_call("Call", 9, (seL4_Word)seL4_SysCall, endpoint, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
        fpu_expect_kept(&keeper, round);
    }
}

/// The register invocations read and write general registers only.
static void registers(RtPool* pool) {
    static FpuKeeper keeper, other;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    fpu_keeper_start(&keeper, pool, above, endpoint, 7);
    fpu_keeper_start(&other, pool, above, make(pool, seL4_EndpointObject), 17);
    fpu_expect_across_call("Call", 8, (seL4_Word)seL4_SysCall, endpoint, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
    seL4_UserContext context;
    RT_REQUIRE(seL4_TCB_ReadRegisters(keeper.thread.tcb, 0, 0, RT_REGISTER_COUNT, &context));
    RT_REQUIRE(seL4_TCB_ReadRegisters(keeper.thread.tcb, 1, 0, RT_REGISTER_COUNT, &context));
    // What the other thread has in the FPU is not copied with its registers.
    RT_REQUIRE(seL4_TCB_CopyRegisters(other.thread.tcb, keeper.thread.tcb, 0, 0, 1, 1, 0));
    RT_REQUIRE(seL4_TCB_WriteRegisters(keeper.thread.tcb, 1, 0, RT_REGISTER_COUNT, &context));
    fpu_expect_across_call("Call", 9, (seL4_Word)seL4_SysCall, endpoint, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
    fpu_expect_kept(&keeper, 2);
}

static const RtTest tests[] = {
    {"a new thread has the initial state", new_thread},
    {"a thread in the memory of one that had used the FPU", deleted_owner},
    {"deleting a thread leaves the caller's state alone", deleted_while_another_state_is_loaded},
    {"a suspended thread keeps its state", suspended},
    {"reading and writing a thread's registers leaves the FPU alone", registers},
};

const RtTestGroup lifecycle_tests = TEST_GROUP(tests);
