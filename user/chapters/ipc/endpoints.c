/* SPDX-License-Identifier: BSD-2-Clause */
/// Messages through endpoints: Send, NBSend, Recv, NBRecv (seL4 manual, 4.2 "Endpoints").
#include "exchange.h"

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
};

const RtTestGroup endpoint_tests = TEST_GROUP(tests);
