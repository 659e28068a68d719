/* SPDX-License-Identifier: BSD-2-Clause */
/// Suspend, Resume and the end of threads (seL4 manual, 6.1.2 and 6.1.3).
#include "counting.h"

static void suspend_and_resume(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));  // is suspended already
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));  // can run already
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 2);
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 3);
}

static void resume_restarts_a_system_call(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    counter = 0;
    start_thread(&thread, pool, above, seL4_CapNull, count_received, endpoint);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));  // it waits there no more
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));  // and now again
    RT_EXPECT_EQUAL(counter, 0);
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 1);
    // Resuming a thread that waits makes it wait anew.
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 2);
}

static void call_and_count(seL4_Word endpoint) {
    seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    counter++;
}

static void suspending_a_caller(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    counter = 0;
    start_thread(&thread, pool, above, seL4_CapNull, call_and_count, endpoint);
    seL4_Recv(endpoint, NULL);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));  // takes the reply capability away
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));  // calls again
    seL4_Recv(endpoint, NULL);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 1);
}

static void deleting_a_running_thread(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    let_lower_run();
    RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
}

static void suspend_self(seL4_Word tcb) {
    counter++;
    seL4_TCB_Suspend(tcb);
    counter += 10;
}

static void suspending_oneself(RtPool* pool) {
    RtThread thread;
    counter = 0;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_thread_start(&thread, suspend_self, thread.tcb));
    RT_EXPECT_EQUAL(counter, 1);
    // Resume starts the interrupted system call again, and that was Suspend.
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    RT_EXPECT_EQUAL(counter, 1);
}

/// Copies of a TCB capability are the same thread; the thread lives until the last is gone.
static void copies_of_a_tcb(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    seL4_CPtr other = mint(pool, thread.tcb, seL4_NoRights, 0);  // a TCB capability has no rights to lose
    RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_Suspend(other));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
}

static void nothing_configured(RtPool* pool) {
    // A thread without address space and capability space has a fault at once, and nobody to tell it.
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    RT_REQUIRE(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, above));
    RT_REQUIRE(seL4_TCB_Resume(tcb));
    RT_REQUIRE(seL4_TCB_Resume(tcb));
    RT_REQUIRE(seL4_TCB_Suspend(tcb));
    RT_REQUIRE(seL4_TCB_Resume(tcb));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, tcb, DEPTH));
}

static seL4_CPtr endpoint, notification;

static void in_send(seL4_Word unused) {
    (void)unused;
    seL4_Send(endpoint, seL4_MessageInfo_new(1, 0, 0, 0));
    counter++;
}
static void in_receive(seL4_Word unused) {
    (void)unused;
    seL4_Recv(endpoint, NULL);
    counter++;
}
static void in_call(seL4_Word unused) {
    (void)unused;
    seL4_Call(endpoint, seL4_MessageInfo_new(1, 0, 0, 0));
    counter++;
}
static void in_wait(seL4_Word unused) {
    (void)unused;
    seL4_Wait(notification, NULL);
    counter++;
}
static void in_fault(seL4_Word unused) {
    (void)unused;
    __builtin_trap();
}
static const RtThreadEntry states[] = {in_send, in_receive, in_call, in_wait, in_fault, count_for_ever};
enum { state_count = sizeof states / sizeof *states };

/// Deleted or suspended in whatever state, a thread leaves endpoint and notification as if it had never been there.
static void stopped_in_every_state(RtPool* pool) {
    for (int i = 0; i < 2 * state_count; i++) {
        RtThread thread, next;
        endpoint = make(pool, seL4_EndpointObject);
        notification = make(pool, seL4_NotificationObject);
        counter = 0;
        bool ready = states[i / 2] == count_for_ever;
        start_thread(&thread, pool, ready ? below : above, mint(pool, endpoint, seL4_AllRights, 9), states[i / 2], 1);
        RT_REQUIRE(i % 2 == 0 ? seL4_CNode_Delete(ROOT, thread.tcb, DEPTH) : seL4_TCB_Suspend(thread.tcb));
        seL4_Word badge = 1;
        seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, 0);
        seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
        seL4_Signal(mint(pool, notification, seL4_CanWrite, 4));
        seL4_Poll(notification, &badge);
        RT_EXPECT_EQUAL(badge, 4);
        let_lower_run();
        RT_EXPECT_EQUAL(counter, 0);
        start_thread(&next, pool, above, seL4_CapNull, in_receive, 0);
        seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
        RT_EXPECT_EQUAL(counter, 1);
        RT_REQUIRE(rt_pool_reset(pool));
    }
}

/// A suspended thread may be given other registers: what it waited for is forgotten.
static void restarted_in_every_state(RtPool* pool) {
    for (int i = 0; i < state_count; i++) {
        RtThread thread;
        endpoint = make(pool, seL4_EndpointObject);
        notification = make(pool, seL4_NotificationObject);
        counter = 0;
        bool ready = states[i] == count_for_ever;
        start_thread(&thread, pool, ready ? below : above, mint(pool, endpoint, seL4_AllRights, 9), states[i], 1);
        RT_REQUIRE(rt_thread_start(&thread, count_once, 100));
        let_lower_run();
        RT_EXPECT_EQUAL(counter, 100);
        seL4_Word badge = 1;
        seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, 0);
        RT_REQUIRE(rt_pool_reset(pool));
    }
}

static const RtTest tests[] = {
    {"a thread that was never configured", nothing_configured},
    {"a thread is deleted or suspended in every state", stopped_in_every_state},
    {"a thread is given new registers in every state", restarted_in_every_state},
    {"Suspend stops a thread, Resume lets it go on", suspend_and_resume},
    {"Resume starts an interrupted system call again", resume_restarts_a_system_call},
    {"Suspend takes the reply away from the server", suspending_a_caller},
    {"a thread that suspended itself suspends itself again when resumed", suspending_oneself},
    {"deleting a thread that can run", deleting_a_running_thread},
    {"copies of a TCB capability", copies_of_a_tcb},
};

const RtTestGroup lifecycle_tests = TEST_GROUP(tests);
