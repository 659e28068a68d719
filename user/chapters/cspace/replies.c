/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_CNode_SaveCaller and reply capabilities in slots; seL4_CNode_CancelBadgedSends (seL4 manual, 3.1.2 and 4.2.4).
#include "cnode.h"
#include "exchange.h"

#include <sel4/invocation.h>

static seL4_Error save_caller(seL4_CPtr slot) { return (seL4_Error)seL4_CNode_SaveCaller(ROOT, slot, DEPTH); }

/// A thread above the test that calls `endpoint`, and whose call the test has received.
static void called(RtThread* caller, RtPool* pool, Helper* by) {
    *by = (Helper){.endpoint = make(pool, seL4_EndpointObject)};
    start_thread(caller, pool, above, seL4_CapNull, call_once, (seL4_Word)by);
    seL4_Recv(by->endpoint, NULL);
}

static void saved_and_used(RtPool* pool) {
    RtThread caller;
    seL4_CPtr slot = rt_pool_slot(pool);
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_EXPECT(slot_is_full(slot));
    seL4_Reply(message(1, 0));  // it is in the slot now, and not in the thread
    RT_EXPECT_EQUAL(helper.steps, 0);
    fill(3, 50);
    seL4_Word expected = sum(50);
    seL4_Send(slot, message(0x77, 50));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.label, 0x77);
    RT_EXPECT_EQUAL(helper.sum, expected);
    RT_EXPECT(!slot_is_full(slot));  // good for one reply
}

/// Two callers at once: with their reply capabilities saved they can be answered in any order.
static void two_callers(RtPool* pool) {
    RtThread callers[2];
    seL4_CPtr slots[2] = {rt_pool_slot(pool), rt_pool_slot(pool)};
    called(&callers[0], pool, &helper);
    RT_REQUIRE(save_caller(slots[0]));
    called(&callers[1], pool, &second);
    RT_REQUIRE(save_caller(slots[1]));
    seL4_NBSend(slots[1], message(22, 0));
    RT_EXPECT_EQUAL(second.label, 22);
    RT_EXPECT_EQUAL(helper.steps, 0);
    // Call replies, too, and is answered itself by the kernel.
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(seL4_Call(slots[0], message(11, 0))), seL4_NoError);
    RT_EXPECT_EQUAL(helper.label, 11);
}

static void save_errors(RtPool* pool) {
    RtThread caller;
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_REQUIRE(save_caller(slot));  // without a caller nothing is saved, and that is no error
    RT_EXPECT(!slot_is_full(slot));
    called(&caller, pool, &helper);
    RT_EXPECT_ERROR(save_caller(helper.endpoint), seL4_DeleteFirst);
    RT_EXPECT_ERROR(save_caller(~0ul), seL4_FailedLookup, 0, seL4_GuardMismatch);
    RT_EXPECT_ERROR(seL4_CNode_SaveCaller(ROOT, slot, 0), seL4_RangeError, 1, seL4_WordBits);
    seL4_Reply(message(5, 0));
    RT_EXPECT_EQUAL(helper.label, 5);
}

static void moved_not_copied(RtPool* pool) {
    RtThread caller;
    seL4_CPtr slot = rt_pool_slot(pool), other = rt_pool_slot(pool);
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_EXPECT_ERROR(copy(other, slot, seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, other, DEPTH, ROOT, slot, DEPTH, seL4_AllRights, 1), seL4_IllegalOperation);
    RT_REQUIRE(move(other, slot));
    RT_REQUIRE(seL4_CNode_Mutate(ROOT, slot, DEPTH, ROOT, other, DEPTH, 0));
    RT_REQUIRE(revoke(slot));
    seL4_Send(slot, message(9, 0));
    RT_EXPECT_EQUAL(helper.label, 9);
}

static void deleted(RtPool* pool) {
    RtThread caller;
    seL4_CPtr slot = rt_pool_slot(pool);
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_REQUIRE(delete(slot));
    RT_EXPECT_EQUAL(helper.steps, 0);         // nobody will ever reply
    RT_REQUIRE(seL4_TCB_Resume(caller.tcb));  // but it can be made to call again
    seL4_Recv(helper.endpoint, NULL);
    seL4_Reply(message(4, 0));
    RT_EXPECT_EQUAL(helper.label, 4);
}

/// The capability does not keep the caller: it goes when the caller cannot be replied to any more.
static void gone_with_the_caller(RtPool* pool) {
    RtThread caller;
    seL4_CPtr slot = rt_pool_slot(pool);
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_REQUIRE(seL4_TCB_Suspend(caller.tcb));
    RT_EXPECT(!slot_is_full(slot));
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_REQUIRE(seL4_TCB_Resume(caller.tcb));
    RT_EXPECT(!slot_is_full(slot));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, caller.tcb, DEPTH));
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_REQUIRE(rt_thread_start(&caller, send_once, (seL4_Word)&helper));  // WriteRegisters resumes it
    RT_EXPECT(!slot_is_full(slot));
    called(&caller, pool, &helper);
    RT_REQUIRE(save_caller(slot));
    RT_REQUIRE(delete(caller.tcb));
    RT_EXPECT(!slot_is_full(slot));
}

/// The endpoint plays no part in it any more.
static void outlives_the_endpoint(RtPool* pool) {
    RtThread caller;
    called(&caller, pool, &helper);
    RT_REQUIRE(delete(helper.endpoint));
    seL4_Reply(message(6, 0));
    RT_EXPECT_EQUAL(helper.label, 6);
}

// -- CancelBadgedSends -----------------------------------------------------------------------------------------------

enum { senders = 4 };

/// Four threads that send, with badges 1, 2, 1, 2, through capabilities in slots of their own.
static void queue_senders(RtPool* pool, seL4_CPtr endpoint, Helper* queue, seL4_CPtr faults) {
    for (seL4_Word i = 0; i < senders; i++) {
        RtThread thread;
        queue[i] = (Helper){.endpoint = mint(pool, endpoint, seL4_AllRights, i % 2 + 1)};
        start_thread(&thread, pool, above, mint(pool, faults, seL4_AllRights, i + 1), send_once, (seL4_Word)&queue[i]);
    }
}

static seL4_Error cancel(seL4_CPtr slot) { return (seL4_Error)seL4_CNode_CancelBadgedSends(ROOT, slot, DEPTH); }

/// Cancelled senders send again; those whose capability is gone find nothing to send to.
static void cancel_one_badge(RtPool* pool) {
    static Helper queue[senders];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), faults = make(pool, seL4_EndpointObject);
    queue_senders(pool, endpoint, queue, faults);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 1);
    RT_REQUIRE(delete(queue[0].endpoint));
    RT_REQUIRE(delete(queue[2].endpoint));
    RT_EXPECT_EQUAL(queue[0].steps + queue[2].steps, 0);  // what they sent is under way
    RT_REQUIRE(cancel(badged));
    RT_EXPECT(queue[0].steps == 1 && queue[2].steps == 1);  // sending to an empty slot has no effect
    RT_EXPECT(queue[1].steps == 0 && queue[3].steps == 0);
    seL4_Word badge;
    seL4_NBRecv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 2);
    seL4_NBRecv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 2);
    seL4_NBRecv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 0);
}

/// Senders whose capability is still there stand in the queue again, behind the others.
static void cancelled_senders_try_again(RtPool* pool) {
    static Helper queue[senders];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), faults = make(pool, seL4_EndpointObject);
    queue_senders(pool, endpoint, queue, faults);
    RT_REQUIRE(cancel(queue[0].endpoint));
    const seL4_Word order[senders] = {2, 2, 1, 1};
    for (int i = 0; i < senders; i++) {
        seL4_Word badge;
        seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, order[i]);
    }
}

static void cancel_errors(RtPool* pool) {
    static Helper queue[senders];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), faults = make(pool, seL4_EndpointObject);
    queue_senders(pool, endpoint, queue, faults);
    RT_REQUIRE(cancel(endpoint));  // has no badge: nothing happens
    const seL4_CapRights_t too_few[] = {seL4_CapRights_new(0, 1, 1, 0), seL4_CapRights_new(1, 0, 1, 1),
                                        seL4_CapRights_new(1, 1, 0, 1), seL4_CapRights_new(1, 1, 1, 0)};
    for (size_t i = 0; i < sizeof too_few / sizeof *too_few; i++) {
        RT_EXPECT_ERROR(cancel(mint(pool, endpoint, too_few[i], 1)), seL4_IllegalOperation);
    }
    RT_EXPECT_ERROR(cancel(mint(pool, make(pool, seL4_NotificationObject), seL4_AllRights, 1)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(cancel(make(pool, seL4_TCBObject)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(cancel(rt_pool_slot(pool)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeCancelBadgedSends, NO_CAPS, WORDS(endpoint)), seL4_TruncatedMessage);
    for (seL4_Word i = 0; i < senders; i++) {
        seL4_Word badge;
        seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, i % 2 + 1);
    }
}

/// Callers are senders until their message is received. Who receives is not concerned.
static void cancel_callers(RtPool* pool) {
    RtThread caller, receiver;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = mint(pool, endpoint, seL4_AllRights, 1)};
    start_thread(&caller, pool, above, seL4_CapNull, call_once, (seL4_Word)&helper);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 1);
    RT_REQUIRE(delete(helper.endpoint));
    RT_REQUIRE(cancel(badged));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.label, seL4_InvalidCapability);  // to call an empty slot is an error
    second = (Helper){.endpoint = endpoint};
    start_thread(&receiver, pool, above, seL4_CapNull, receive_once, (seL4_Word)&second);
    RT_REQUIRE(cancel(badged));
    seL4_Send(badged, message(0, 0));
    RT_EXPECT_EQUAL(second.badge, 1);
}

/// Revoking a badged capability deletes its copies, and then cancels what they were about to send.
static void badge_reused(RtPool* pool) {
    RtThread sender;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), badged = mint(pool, endpoint, seL4_AllRights, 7);
    seL4_CPtr client = rt_pool_slot(pool);
    RT_REQUIRE(copy(client, badged, seL4_CanWrite));
    helper = (Helper){.endpoint = client};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    RT_REQUIRE(revoke(badged));
    RT_EXPECT(!slot_is_full(client));
    RT_REQUIRE(cancel(badged));
    seL4_Word badge;
    seL4_NBRecv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 0);
    RT_EXPECT_EQUAL(helper.steps, 1);
}

static const RtTest tests[] = {
    {"SaveCaller puts the reply capability into a slot", saved_and_used},
    {"several callers wait for replies", two_callers},
    {"SaveCaller without a caller, and bad arguments", save_errors},
    {"a reply capability is moved, never copied", moved_not_copied},
    {"a deleted reply capability leaves the caller waiting", deleted},
    {"a reply capability vanishes with the wait for a reply", gone_with_the_caller},
    {"a reply does not need the endpoint", outlives_the_endpoint},
    {"CancelBadgedSends cancels the sends with one badge", cancel_one_badge},
    {"cancelled senders try again", cancelled_senders_try_again},
    {"CancelBadgedSends needs all rights, and a badge to do something", cancel_errors},
    {"CancelBadgedSends and callers, and receivers", cancel_callers},
    {"a badge is free for others after Revoke and CancelBadgedSends", badge_reused},
};

const RtTestGroup reply_tests = TEST_GROUP(tests);
