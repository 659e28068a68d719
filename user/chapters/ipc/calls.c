/* SPDX-License-Identifier: BSD-2-Clause */
/// Call, Reply and ReplyRecv (seL4 manual, 4.2.4 "Calling and Replying").
#include "exchange.h"

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

static const RtTest tests[] = {
    {"Call gets the Reply", call_and_reply},
    {"Reply without a caller does nothing", reply_without_caller},
    {"ReplyRecv serves one call after the other", reply_recv_serves},
    {"a server of lower priority is called", server_below_the_caller},
    {"a new caller replaces the old one", new_caller_replaces_the_old},
    {"Call without a grant right gets no reply", call_needs_a_grant_right},
};

const RtTestGroup call_tests = TEST_GROUP(tests);
