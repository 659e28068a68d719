/* SPDX-License-Identifier: BSD-2-Clause */
/// Messages through endpoints: Send, NBSend, Recv, NBRecv, Call, Reply, ReplyRecv (seL4 manual, "Message Passing").
#include "support.h"

/// What a helper thread does and saw.
typedef struct {
    seL4_CPtr endpoint;
    seL4_CPtr other;
    seL4_Word length;
    volatile seL4_Word badge, label, got_length, sum;
    volatile seL4_Word steps;  // how far it has come
} Helper;

static Helper helper, second;

static seL4_MessageInfo_t message(seL4_Word label, seL4_Word length) {
    return seL4_MessageInfo_new(label, 0, 0, length);
}

/// Words that differ from each other, for a message of `length`.
static void fill(seL4_Word seed, seL4_Word length) {
    for (seL4_Word i = 0; i < length && i < seL4_MsgMaxLength; i++) {
        seL4_SetMR((int)i, seed + i * i);
    }
}

static seL4_Word sum(seL4_Word length) {
    seL4_Word result = 0;
    for (seL4_Word i = 0; i < length; i++) {
        result = result * 31 + seL4_GetMR((int)i);
    }
    return result;
}

static void note(Helper* self, seL4_MessageInfo_t info, seL4_Word badge) {
    self->badge = badge;
    self->label = seL4_MessageInfo_get_label(info);
    self->got_length = seL4_MessageInfo_get_length(info);
    self->sum = sum(self->got_length);
    self->steps++;
}

static void receive_once(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(self->endpoint, &badge);
    note(self, info, badge);
}

static void receive_for_ever(seL4_Word argument) {
    for (;;) {
        receive_once(argument);
    }
}

static void send_once(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    fill(7, self->length);
    seL4_Send(self->endpoint, message(0x123, self->length));
    self->steps++;
}

static void call_once(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    fill(11, self->length);
    seL4_MessageInfo_t info = seL4_Call(self->endpoint, message(0x321, self->length));
    note(self, info, 0);
}

static void every_length_arrives(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&thread, pool, above, seL4_CapNull, receive_for_ever, (seL4_Word)&helper);
    for (seL4_Word length = 0; length <= seL4_MsgMaxLength; length++) {
        fill(length, length);
        seL4_Word expected = sum(length);
        seL4_Send(endpoint, message(length + 1000, length));
        RT_EXPECT_EQUAL(helper.steps, length + 1);
        RT_EXPECT_EQUAL(helper.got_length, length);
        RT_EXPECT_EQUAL(helper.label, length + 1000);
        RT_EXPECT_EQUAL(helper.sum, expected);
    }
}

static void too_long_is_cut(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    fill(5, seL4_MsgMaxLength);
    seL4_Word expected = sum(seL4_MsgMaxLength);
    seL4_Send(endpoint, message(0, 127));
    RT_EXPECT_EQUAL(helper.got_length, seL4_MsgMaxLength);
    RT_EXPECT_EQUAL(helper.sum, expected);
}

static void labels_are_52_bits(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    seL4_Send(endpoint, message(0xfedcba9876543, 0));
    RT_EXPECT_EQUAL(helper.label, 0xfedcba9876543);
}

static void sender_waits(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint, .length = 7};
    start_thread(&thread, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Word badge = 1;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge);
    seL4_Word received = sum(7);
    fill(7, 7);
    RT_EXPECT_EQUAL(received, sum(7));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), 0x123);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 7);
    RT_EXPECT_EQUAL(badge, 0);
    RT_EXPECT_EQUAL(helper.steps, 1);  // being above, it ran as soon as it could
}

static void badges_arrive(RtPool* pool) {
    const seL4_Word badges[] = {0, 1, 0xffffffff, 0xffffffffffffffff, 0x8000000000000000};
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    for (size_t i = 0; i < sizeof badges / sizeof *badges; i++) {
        RtThread thread;
        helper = (Helper){.endpoint = mint(pool, endpoint, seL4_AllRights, badges[i])};
        start_thread(&thread, pool, below, seL4_CapNull, send_once, (seL4_Word)&helper);
        seL4_Word badge;
        seL4_Recv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, badges[i]);
    }
}

static void senders_queue_in_order(RtPool* pool) {
    enum { senders = 4 };
    static Helper queue[senders];
    RtThread threads[senders];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    for (seL4_Word i = 0; i < senders; i++) {
        queue[i] = (Helper){.endpoint = mint(pool, endpoint, seL4_CanWrite, i + 1)};
        // The later ones are more important: the queue is one of arrival all the same.
        start_thread(&threads[i], pool, above + i, seL4_CapNull, send_once, (seL4_Word)&queue[i]);
    }
    for (seL4_Word i = 0; i < senders; i++) {
        seL4_Word badge;
        seL4_Recv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, i + 1);
    }
}

static void receivers_queue_in_order(RtPool* pool) {
    enum { receivers = 3 };
    static Helper queue[receivers];
    RtThread threads[receivers];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    for (seL4_Word i = 0; i < receivers; i++) {
        queue[i] = (Helper){.endpoint = endpoint};
        start_thread(&threads[i], pool, above + i, seL4_CapNull, receive_once, (seL4_Word)&queue[i]);
    }
    for (seL4_Word i = 0; i < receivers; i++) {
        seL4_Send(endpoint, message(i + 1, 0));
        RT_EXPECT_EQUAL(queue[i].label, i + 1);
    }
}

static void nbsend_does_not_wait(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    seL4_NBSend(endpoint, message(1, 0));  // no one there: the message is lost
    helper = (Helper){.endpoint = endpoint};
    start_thread(&thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_EXPECT_EQUAL(helper.steps, 0);
    fill(3, 6);
    seL4_Word expected = sum(6);
    seL4_NBSend(endpoint, message(2, 6));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.label, 2);
    RT_EXPECT_EQUAL(helper.sum, expected);
}

static void nbrecv_does_not_wait(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    seL4_Word badge = 1;
    seL4_NBRecv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 0);  // the only sign that nothing came
    helper = (Helper){.endpoint = mint(pool, endpoint, seL4_CanWrite, 0x77), .length = 5};
    start_thread(&thread, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    seL4_MessageInfo_t info = seL4_NBRecv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 0x77);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 5);
    RT_EXPECT_EQUAL(helper.steps, 1);
}

static void call_and_reply(RtPool* pool) {
    const seL4_Word lengths[] = {0, 1, 4, 5, 100, seL4_MsgMaxLength};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        RtThread thread;
        seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
        helper = (Helper){.endpoint = mint(pool, endpoint, seL4_AllRights, 9), .length = lengths[i]};
        start_thread(&thread, pool, above, seL4_CapNull, call_once, (seL4_Word)&helper);
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, 9);
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), lengths[i]);
        RT_EXPECT_EQUAL(helper.steps, 0);
        fill(500, lengths[i]);
        seL4_Word expected = sum(lengths[i]);
        seL4_Reply(message(0x55, lengths[i]));
        RT_EXPECT_EQUAL(helper.steps, 1);
        RT_EXPECT_EQUAL(helper.label, 0x55);
        RT_EXPECT_EQUAL(helper.sum, expected);
        seL4_Reply(message(0x56, 0));  // there is no caller any more: nothing happens
        RT_EXPECT_EQUAL(helper.steps, 1);
    }
}

static void reply_without_caller(RtPool* pool) {
    (void)pool;
    seL4_Reply(message(1, 4));
    seL4_Reply(message(0, 0));
}

static void serve(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(self->endpoint, &badge);
    for (;;) {
        note(self, info, badge);
        seL4_SetMR(0, self->sum);
        seL4_SetMR(5, self->steps);
        info = seL4_ReplyRecv(self->endpoint, message(badge, 6), &badge);
    }
}

static void reply_recv_serves(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    seL4_CPtr caller = mint(pool, endpoint, seL4_AllRights, 0x99);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&thread, pool, above, seL4_CapNull, serve, (seL4_Word)&helper);
    for (seL4_Word round = 1; round <= 20; round++) {
        seL4_Word length = round % 9;
        fill(round, length);
        seL4_Word expected = sum(length);
        seL4_MessageInfo_t info = seL4_Call(caller, message(round, length));
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), 0x99);
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 6);
        RT_EXPECT_EQUAL(seL4_GetMR(0), expected);
        RT_EXPECT_EQUAL(seL4_GetMR(5), round);
    }
}

static void server_below_the_caller(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&thread, pool, below, seL4_CapNull, serve, (seL4_Word)&helper);
    for (seL4_Word round = 1; round <= 5; round++) {
        fill(round, 3);
        seL4_Word expected = sum(3);
        seL4_Call(endpoint, message(0, 3));
        RT_EXPECT_EQUAL(seL4_GetMR(0), expected);
    }
}

static void new_caller_replaces_the_old(RtPool* pool) {
    RtThread first_thread, second_thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    second = (Helper){.endpoint = endpoint};
    start_thread(&first_thread, pool, above, seL4_CapNull, call_once, (seL4_Word)&helper);
    start_thread(&second_thread, pool, above, seL4_CapNull, call_once, (seL4_Word)&second);
    seL4_Recv(endpoint, NULL);
    seL4_Recv(endpoint, NULL);  // drops the capability to reply to the first
    seL4_Reply(message(0, 0));
    seL4_Reply(message(0, 0));
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_EXPECT_EQUAL(second.steps, 1);
}

/// Without Grant or GrantReply a call reaches the server, but its reply never comes.
static void call_needs_a_grant_right(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = mint(pool, endpoint, seL4_CanWrite, 3)};
    start_thread(&thread, pool, above, seL4_CapNull, call_once, (seL4_Word)&helper);
    seL4_Word badge;
    seL4_Recv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 3);
    seL4_Reply(message(0, 0));
    RT_EXPECT_EQUAL(helper.steps, 0);

    helper.endpoint = mint(pool, endpoint, seL4_CapRights_new(1, 0, 0, 1), 4);
    start_thread(&thread, pool, above, seL4_CapNull, call_once, (seL4_Word)&helper);
    seL4_Recv(endpoint, NULL);
    seL4_Reply(message(0, 0));
    RT_EXPECT_EQUAL(helper.steps, 1);
}

static void rights_are_needed(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    seL4_CPtr read_only = mint(pool, endpoint, seL4_CanRead, 0);
    RT_EXPECT_ERROR(invoke(read_only, 0, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
    seL4_Send(read_only, message(0, 0));  // no answer, no effect
    seL4_NBSend(read_only, message(0, 0));
}

static void invoking_an_empty_slot(RtPool* pool) {
    // An empty slot inside the CSpace is found, and there is nothing to invoke in it.
    seL4_CPtr empty = rt_pool_slot(pool);
    RT_EXPECT_ERROR(invoke(empty, 0, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
    seL4_Send(empty, message(0, 0));
    seL4_NBSend(empty, message(0, 0));
    RT_EXPECT_ERROR(invoke(seL4_CapNull, 0, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
}

/// A non-blocking send to an address outside the CSpace is silently dropped, where a blocking one faults.
static void nbsend_to_nowhere(RtPool* pool) {
    (void)pool;
    seL4_NBSend(~0ul, message(0, 0));
}

/// Without an IPC buffer only the words in registers travel.
static void without_buffer_four_words(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint, .length = 10};
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_Configure(thread.tcb, 0, ROOT, 0, seL4_CapInitThreadVSpace, 0, 0, seL4_CapNull));
    RT_REQUIRE(rt_thread_start(&thread, send_once, (seL4_Word)&helper));  // it still writes to its page, in vain
    seL4_SetMR(4, 0xdead);
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 4);
    RT_EXPECT_EQUAL(seL4_GetMR(0), 7);
    RT_EXPECT_EQUAL(seL4_GetMR(3), 16);
    RT_EXPECT_EQUAL(seL4_GetMR(4), 0xdead);

    // The other direction.
    RT_REQUIRE(rt_thread_start(&thread, receive_once, (seL4_Word)&helper));
    fill(1, 10);
    seL4_Send(endpoint, message(0, 10));
    RT_EXPECT_EQUAL(helper.got_length, 4);
}

/// Deleting the last capability to an endpoint releases who waits there; each tries again and finds an empty slot.
static void deleting_releases_waiters(RtPool* pool) {
    RtThread receiver, sender;
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&receiver, pool, above, mint(pool, faults, seL4_AllRights, 1), receive_once, (seL4_Word)&helper);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, endpoint, DEPTH));
    RtFault fault;
    seL4_Word badge;
    rt_fault_read(&fault, seL4_Recv(faults, &badge));
    RT_EXPECT_EQUAL(badge, 1);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], endpoint);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_InRecvPhase], 1);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_LookupFailureType], seL4_MissingCapability);

    endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint};
    start_thread(&sender, pool, above, mint(pool, faults, seL4_AllRights, 2), send_once, (seL4_Word)&helper);
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, endpoint, DEPTH));
    RT_EXPECT_EQUAL(helper.steps, 1);  // sending to an empty slot has no effect and no fault
}

static void signals_arrive_as_badges(RtPool* pool) {
    RtThread thread;
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr one = mint(pool, notification, seL4_CanWrite, 1), four = mint(pool, notification, seL4_CanWrite, 4);
    seL4_Word badge = 9;
    seL4_NBRecv(notification, &badge);
    RT_EXPECT_EQUAL(badge, 0);
    seL4_Signal(one);
    seL4_Signal(four);
    seL4_Signal(one);
    seL4_Recv(notification, &badge);
    RT_EXPECT_EQUAL(badge, 5);
    seL4_NBRecv(notification, &badge);
    RT_EXPECT_EQUAL(badge, 0);
    helper = (Helper){.endpoint = notification};
    start_thread(&thread, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_EXPECT_EQUAL(helper.steps, 0);
    seL4_Signal(four);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 4);
    RT_EXPECT_ERROR(invoke(mint(pool, notification, seL4_CanRead, 0), 0, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
}

static const RtTest tests[] = {
    {"Send delivers messages of every length", every_length_arrives},
    {"a message longer than 120 words is cut", too_long_is_cut},
    {"a label has 52 bits", labels_are_52_bits},
    {"Send waits for a receiver", sender_waits},
    {"the badge of the sending capability arrives", badges_arrive},
    {"senders wait in order of arrival", senders_queue_in_order},
    {"receivers wait in order of arrival", receivers_queue_in_order},
    {"NBSend does not wait", nbsend_does_not_wait},
    {"NBRecv does not wait", nbrecv_does_not_wait},
    {"Call gets the Reply", call_and_reply},
    {"Reply without a caller does nothing", reply_without_caller},
    {"ReplyRecv serves one call after the other", reply_recv_serves},
    {"a server of lower priority is called", server_below_the_caller},
    {"a new caller replaces the old one", new_caller_replaces_the_old},
    {"Call without a grant right gets no reply", call_needs_a_grant_right},
    {"sending needs the Write right", rights_are_needed},
    {"invoking an empty slot is an invalid capability", invoking_an_empty_slot},
    {"NBSend to an address outside the CSpace does nothing", nbsend_to_nowhere},
    {"without an IPC buffer four words travel", without_buffer_four_words},
    {"deleting an endpoint releases who waits at it", deleting_releases_waiters},
    {"signals arrive as the union of their badges", signals_arrive_as_badges},
};

const RtTestGroup ipc_tests = TEST_GROUP(tests);
