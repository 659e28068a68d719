/* SPDX-License-Identifier: BSD-2-Clause */
/// Signal, Wait and Poll (seL4 manual, 5.2 "Signalling, Polling and Waiting").
#include "exchange.h"

/// The value of seL4_Poll(); zero if no flag was set.
static seL4_Word poll(seL4_CPtr notification) {
    seL4_Word badge = ~0ul;
    seL4_Poll(notification, &badge);
    return badge;
}

static void signals_arrive_as_badges(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr one = mint(pool, notification, seL4_CanWrite, 1), four = mint(pool, notification, seL4_CanWrite, 4);
    RT_EXPECT_EQUAL(poll(notification), 0);
    seL4_Signal(one);
    seL4_Signal(four);
    seL4_Signal(one);
    seL4_Word badge;
    seL4_Wait(notification, &badge);
    RT_EXPECT_EQUAL(badge, 5);
    RT_EXPECT_EQUAL(poll(notification), 0);  // Wait took them all
}

static void every_flag(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    for (int bit = 0; bit < 64; bit++) {
        seL4_CPtr badged = mint(pool, notification, seL4_CanWrite, 1ul << bit);
        seL4_Signal(badged);
        RT_EXPECT_EQUAL(poll(notification), 1ul << bit);
    }
    for (int bit = 0; bit < 64; bit++) {
        seL4_Signal(mint(pool, notification, seL4_CanWrite, 1ul << bit));
    }
    RT_EXPECT_EQUAL(poll(notification), ~0ul);
}

static void wait_blocks(RtPool* pool) {
    RtThread thread;
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr badged = mint(pool, notification, seL4_CanWrite, 0xf000000000000001);
    helper = (Helper){.endpoint = notification};
    start_thread(&thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Signal(badged);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 0xf000000000000001);
    RT_EXPECT_EQUAL(poll(notification), 0);  // it got there; nothing is left
}

/// Without a badge there is no flag to set. A signal wakes the first waiter all the same, and without any waiter the
/// next Wait returns, with badge zero.
static void unbadged_signals(RtPool* pool) {
    RtThread thread;
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    helper = (Helper){.endpoint = notification, .badge = 1};
    start_thread(&thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    seL4_Signal(notification);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 0);
    seL4_Signal(notification);
    seL4_Word badge = 1;
    seL4_Wait(notification, &badge);
    RT_EXPECT_EQUAL(badge, 0);
}

static void one_signal_wakes_one(RtPool* pool) {
    enum { waiters = 4 };
    static Helper queue[waiters];
    RtThread threads[waiters];
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    for (seL4_Word i = 0; i < waiters; i++) {
        queue[i] = (Helper){.endpoint = notification};
        // The later ones are more important: the queue is one of arrival all the same.
        start_thread(&threads[i], pool, above + i, seL4_CapNull, receive_once, (seL4_Word)&queue[i]);
    }
    for (seL4_Word i = 0; i < waiters; i++) {
        seL4_Signal(mint(pool, notification, seL4_CanWrite, 0x10 + i));
        for (seL4_Word w = 0; w < waiters; w++) {
            RT_EXPECT_EQUAL(queue[w].steps, w <= i);
        }
        RT_EXPECT_EQUAL(queue[i].badge, 0x10 + i);
    }
    RT_EXPECT_EQUAL(poll(notification), 0);
}

/// A waiter of lower priority gets its flags at once, though it runs later: what is signalled in between is for the
/// next.
static void woken_before_it_runs(RtPool* pool) {
    RtThread thread;
    seL4_CPtr notification = make(pool, seL4_NotificationObject), faults = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = notification};
    start_thread(&thread, pool, below, mint(pool, faults, seL4_AllRights, 1), receive_once, (seL4_Word)&helper);
    // Nothing tells that it waits but the processor that it leaves to those below.
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below - 1));
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    seL4_Signal(mint(pool, notification, seL4_CanWrite, 1));
    seL4_Signal(mint(pool, notification, seL4_CanWrite, 2));
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_EXPECT_EQUAL(poll(notification), 2);
    RT_REQUIRE(seL4_TCB_SetPriority(thread.tcb, seL4_CapInitThreadTCB, above));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 1);
}

static void call_signals(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr badged = mint(pool, notification, seL4_CanWrite, 6);
    seL4_MessageInfo_t info = seL4_Call(badged, seL4_MessageInfo_new(0x99, 0, 0, 3));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
    RT_EXPECT_EQUAL(poll(notification), 6);
    seL4_NBSend(badged, seL4_MessageInfo_new(0x99, 0, 0, 3));
    RT_EXPECT_EQUAL(poll(notification), 6);
    seL4_Send(badged, seL4_MessageInfo_new(0x99, 0, 0, 3));
    RT_EXPECT_EQUAL(poll(notification), 6);
}

static void signalling_needs_write(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr read_only = mint(pool, notification, seL4_CapRights_new(1, 1, 1, 0), 3);
    RT_EXPECT_ERROR(invoke(read_only, 0, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
    seL4_Signal(read_only);
    RT_EXPECT_EQUAL(poll(notification), 0);
    // For waiting it is good.
    seL4_Signal(mint(pool, notification, seL4_CanWrite, 5));
    RT_EXPECT_EQUAL(poll(read_only), 5);
}

static void waiting_needs_read(RtPool* pool) {
    RtThread thread;
    seL4_CPtr notification = make(pool, seL4_NotificationObject), faults = make(pool, seL4_EndpointObject);
    seL4_CPtr write_only = mint(pool, notification, seL4_NoRead, 3);
    helper = (Helper){.endpoint = write_only};
    start_thread(&thread, pool, above, faults, receive_once, (seL4_Word)&helper);
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(faults, NULL));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], write_only);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_InRecvPhase], 1);
    RT_EXPECT_EQUAL(helper.steps, 0);
}

static void badges_are_final(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject), slot = rt_pool_slot(pool);
    seL4_CPtr badged = mint(pool, notification, seL4_AllRights, 5);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, badged, DEPTH, seL4_AllRights, 4), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_CNode_Mutate(ROOT, slot, DEPTH, ROOT, badged, DEPTH, 4), seL4_IllegalOperation);
    // Minting with badge zero copies, and a copy keeps the badge.
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, badged, DEPTH, seL4_AllRights, 0), seL4_IllegalOperation);
    RT_REQUIRE(seL4_CNode_Copy(ROOT, slot, DEPTH, ROOT, badged, DEPTH, seL4_AllRights));
    seL4_Signal(slot);
    RT_EXPECT_EQUAL(poll(notification), 5);
}

/// A suspended waiter waits no more: the signal goes to the next.
static void suspending_a_waiter(RtPool* pool) {
    RtThread first_thread, second_thread;
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    helper = second = (Helper){.endpoint = notification};
    start_thread(&first_thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    start_thread(&second_thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&second);
    RT_REQUIRE(seL4_TCB_Suspend(first_thread.tcb));
    seL4_Signal(mint(pool, notification, seL4_CanWrite, 1));
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_EXPECT_EQUAL(second.steps, 1);
    // Resumed, it waits anew and finds what was signalled meanwhile.
    seL4_Signal(mint(pool, notification, seL4_CanWrite, 2));
    RT_REQUIRE(seL4_TCB_Resume(first_thread.tcb));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 2);
}

/// Deleting the last capability to a notification releases who waits there; each tries again and finds an empty slot.
static void deleting_releases_waiters(RtPool* pool) {
    RtThread threads[2];
    seL4_CPtr notification = make(pool, seL4_NotificationObject), faults = make(pool, seL4_EndpointObject);
    seL4_CPtr other = mint(pool, notification, seL4_AllRights, 0);
    helper = second = (Helper){.endpoint = notification};
    start_thread(&threads[0], pool, above, mint(pool, faults, seL4_AllRights, 1), receive_once, (seL4_Word)&helper);
    start_thread(&threads[1], pool, above, mint(pool, faults, seL4_AllRights, 2), receive_once, (seL4_Word)&second);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, notification, DEPTH));
    seL4_Word badge;
    seL4_NBRecv(faults, &badge);
    RT_EXPECT_EQUAL(badge, 0);  // another capability keeps the object, and the waiters in it
    RT_REQUIRE(seL4_CNode_Delete(ROOT, other, DEPTH));
    for (seL4_Word i = 1; i <= 2; i++) {
        RtFault fault;
        rt_fault_read(&fault, seL4_NBRecv(faults, &badge));
        RT_EXPECT(badge == 1 || badge == 2);
        RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
        RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], notification);
        RT_EXPECT_EQUAL(fault.words[seL4_CapFault_LookupFailureType], seL4_MissingCapability);
    }
}

static const RtTest tests[] = {
    {"signals arrive as the union of their badges", signals_arrive_as_badges},
    {"each of the 64 flags can be signalled", every_flag},
    {"Wait blocks until a flag is signalled", wait_blocks},
    {"a signal without a badge wakes the first waiter", unbadged_signals},
    {"a signal goes to the thread that has waited longest, the others go on waiting", one_signal_wakes_one},
    {"a woken thread has its flags before it runs", woken_before_it_runs},
    {"Call, Send and NBSend signal too, and return at once", call_signals},
    {"signalling needs the Write right", signalling_needs_write},
    {"waiting needs the Read right", waiting_needs_read},
    {"a badge cannot be changed or removed", badges_are_final},
    {"a suspended waiter misses the signal", suspending_a_waiter},
    {"deleting a notification releases who waits for it", deleting_releases_waiters},
};

const RtTestGroup signal_tests = TEST_GROUP(tests);
