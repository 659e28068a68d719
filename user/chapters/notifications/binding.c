/* SPDX-License-Identifier: BSD-2-Clause */
/// Notifications bound to threads (seL4 manual, 5.3 "Binding Notifications").
#include "exchange.h"

#include <sel4/invocation.h>

/// A notification bound to a thread above the test, which runs `entry` with `helper`.
typedef struct {
    RtThread thread;
    seL4_CPtr endpoint, notification;
    seL4_CPtr flag;    ///< signals 0x100
    seL4_CPtr sender;  ///< sends to the endpoint with badge 0x1
} Bound;

static void bound_thread(Bound* bound, RtPool* pool, RtThreadEntry entry) {
    bound->endpoint = make(pool, seL4_EndpointObject);
    bound->notification = make(pool, seL4_NotificationObject);
    bound->flag = mint(pool, bound->notification, seL4_CanWrite, 0x100);
    bound->sender = mint(pool, bound->endpoint, seL4_AllRights, 0x1);
    helper = (Helper){.endpoint = bound->endpoint};
    RT_CHECK(rt_thread_create(&bound->thread, pool, seL4_CapNull, above));
    RT_CHECK(seL4_TCB_BindNotification(bound->thread.tcb, bound->notification));
    if (entry != NULL) {
        RT_CHECK(rt_thread_start(&bound->thread, entry, (seL4_Word)&helper));
    }
}

static void delivered_while_receiving(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, receive_for_ever);
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 0x100);
    seL4_Send(bound.sender, message(7, 0));
    RT_EXPECT_EQUAL(helper.steps, 2);
    RT_EXPECT_EQUAL(helper.badge, 0x1);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 3);
    RT_EXPECT_EQUAL(helper.badge, 0x100);
}

/// What was signalled before comes first, before a sender that has waited longer.
static void pending_signals_come_first(RtPool* pool) {
    Bound bound;
    RtThread sender;
    bound_thread(&bound, pool, NULL);
    second = (Helper){.endpoint = bound.sender};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&second);
    seL4_Signal(bound.flag);
    RT_REQUIRE(rt_thread_start(&bound.thread, receive_once, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(helper.badge, 0x100);
    RT_EXPECT_EQUAL(second.steps, 0);
    RT_REQUIRE(rt_thread_start(&bound.thread, receive_once, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(helper.badge, 0x1);
    RT_EXPECT_EQUAL(second.steps, 1);
}

static void poll_endpoint(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    seL4_Word badge;
    seL4_NBRecv(self->endpoint, &badge);
    self->badge = badge;
    self->steps++;
}

static void polling_an_endpoint(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, poll_endpoint);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 0);
    seL4_Signal(bound.flag);
    RT_REQUIRE(rt_thread_start(&bound.thread, poll_endpoint, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(helper.badge, 0x100);
    RT_REQUIRE(rt_thread_start(&bound.thread, poll_endpoint, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(helper.badge, 0);  // it was taken
}

/// A server in ReplyRecv: the reply goes out, and the signal is what is received.
static void reply_recv(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, serve);
    seL4_MessageInfo_t info = seL4_Call(bound.sender, message(0, 2));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), 1);
    RT_EXPECT_EQUAL(helper.steps, 1);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 2);
    RT_EXPECT_EQUAL(helper.badge, 0x100);
    seL4_Call(bound.sender, message(0, 2));
    RT_EXPECT_EQUAL(helper.steps, 3);
}

/// A bound thread that waits for something else than a message is not disturbed.
static void not_while_sending(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, call_once);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Recv(bound.endpoint, NULL);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 0);  // it waits for the reply
    seL4_Reply(message(0x42, 0));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.label, 0x42);
    RT_REQUIRE(rt_thread_start(&bound.thread, receive_once, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(helper.badge, 0x100);
}

static void the_bound_thread_may_wait(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, NULL);
    helper.endpoint = bound.notification;
    RT_REQUIRE(rt_thread_start(&bound.thread, receive_once, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 0x100);
}

static void nobody_else_may_wait(RtPool* pool) {
    Bound bound;
    RtThread other;
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    bound_thread(&bound, pool, NULL);
    const RtThreadEntry ways[] = {receive_once, poll_endpoint};
    RT_REQUIRE(rt_thread_create(&other, pool, faults, above));
    for (int i = 0; i < 2; i++) {
        second = (Helper){.endpoint = bound.notification};
        RT_REQUIRE(rt_thread_start(&other, ways[i], (seL4_Word)&second));
        RtFault fault;
        rt_fault_read(&fault, seL4_Recv(faults, NULL));
        RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
        RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], bound.notification);
        RT_EXPECT_EQUAL(fault.words[seL4_CapFault_InRecvPhase], 1);
        RT_EXPECT_EQUAL(fault.words[seL4_CapFault_LookupFailureType], seL4_MissingCapability);
    }
}

static void bind_errors(RtPool* pool) {
    Bound bound;
    RtThread waiter;
    bound_thread(&bound, pool, NULL);
    seL4_CPtr tcb = make(pool, seL4_TCBObject), free = make(pool, seL4_NotificationObject);
    seL4_CPtr waited_for = make(pool, seL4_NotificationObject);
    helper = (Helper){.endpoint = waited_for};
    start_thread(&waiter, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(bound.thread.tcb, free), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(bound.thread.tcb, bound.notification), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(tcb, bound.notification), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(tcb, waited_for), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(tcb, bound.endpoint), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(tcb, rt_pool_slot(pool)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_BindNotification(tcb, mint(pool, free, seL4_CanWrite, 0)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(tcb, TCBBindNotification, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(seL4_TCB_UnbindNotification(tcb), seL4_IllegalOperation);
    // Flags that are already set are no obstacle, and a badged capability is as good as any.
    seL4_Signal(mint(pool, free, seL4_CanWrite, 1));
    RT_REQUIRE(seL4_TCB_BindNotification(tcb, mint(pool, free, seL4_CanRead, 9)));
}

static void unbinding(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, receive_once);
    RT_REQUIRE(seL4_TCB_UnbindNotification(bound.thread.tcb));
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Word badge;
    seL4_Wait(bound.notification, &badge);  // everybody may wait again
    RT_EXPECT_EQUAL(badge, 0x100);
    seL4_Send(bound.sender, message(0, 0));
    RT_EXPECT_EQUAL(helper.badge, 1);
    RT_EXPECT_ERROR(seL4_TCB_UnbindNotification(bound.thread.tcb), seL4_IllegalOperation);
    RT_REQUIRE(seL4_TCB_BindNotification(bound.thread.tcb, bound.notification));
}

static void deleting_the_thread(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, receive_once);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, bound.thread.tcb, DEPTH));
    seL4_Signal(bound.flag);
    seL4_Word badge;
    seL4_Wait(bound.notification, &badge);
    RT_EXPECT_EQUAL(badge, 0x100);
    RT_REQUIRE(seL4_TCB_BindNotification(make(pool, seL4_TCBObject), bound.notification));
}

static void deleting_the_notification(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, receive_once);
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, bound.notification, DEPTH));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, bound.notification, DEPTH));
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_EXPECT_ERROR(seL4_TCB_UnbindNotification(bound.thread.tcb), seL4_IllegalOperation);
    seL4_CPtr other = make(pool, seL4_NotificationObject);
    RT_REQUIRE(seL4_TCB_BindNotification(bound.thread.tcb, other));
    seL4_Signal(mint(pool, other, seL4_CanWrite, 8));
    RT_EXPECT_EQUAL(helper.badge, 8);
}

/// A signal takes the thread out of the endpoint's queue: who sends now, waits.
static void out_of_the_queue(RtPool* pool) {
    Bound bound;
    bound_thread(&bound, pool, receive_once);
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 1);
    seL4_NBSend(bound.sender, message(0, 0));
    RT_EXPECT_EQUAL(helper.steps, 1);
    // And one that is suspended while it receives misses the signal, which stays.
    RT_REQUIRE(rt_thread_start(&bound.thread, receive_once, (seL4_Word)&helper));
    RT_REQUIRE(seL4_TCB_Suspend(bound.thread.tcb));
    seL4_Signal(bound.flag);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_REQUIRE(seL4_TCB_Resume(bound.thread.tcb));
    RT_EXPECT_EQUAL(helper.steps, 2);
    RT_EXPECT_EQUAL(helper.badge, 0x100);
}

static const RtTest tests[] = {
    {"a bound notification is delivered to a thread that receives messages", delivered_while_receiving},
    {"a signal from before comes before messages", pending_signals_come_first},
    {"NBRecv on an endpoint finds the signal", polling_an_endpoint},
    {"ReplyRecv replies, and may receive a signal", reply_recv},
    {"a thread that sends or waits for a reply is not disturbed", not_while_sending},
    {"the bound thread may wait for its notification", the_bound_thread_may_wait},
    {"no other thread may wait for a bound notification", nobody_else_may_wait},
    {"what cannot be bound or unbound", bind_errors},
    {"unbinding", unbinding},
    {"deleting the thread unbinds", deleting_the_thread},
    {"deleting the notification unbinds", deleting_the_notification},
    {"a signal takes the thread out of the endpoint's queue", out_of_the_queue},
};

const RtTestGroup binding_tests = TEST_GROUP(tests);
