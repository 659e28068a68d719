/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads that leave an endpoint's queue before their message is exchanged, and what a message does not touch.
#include "exchange.h"

enum { threads = 5 };
static Helper queue[threads];

/// Five threads above the test that run `entry`; the helpers' capabilities have badges 1 to 5.
static void line_up(RtThread* made, RtPool* pool, seL4_CPtr endpoint, RtThreadEntry entry) {
    for (seL4_Word i = 0; i < threads; i++) {
        queue[i] = (Helper){.endpoint = mint(pool, endpoint, seL4_AllRights, i + 1), .length = i};
        start_thread(&made[i], pool, above, seL4_CapNull, entry, (seL4_Word)&queue[i]);
    }
}

/// The first, the last and one in the middle leave; the others keep their order.
static void senders_leave(RtPool* pool) {
    RtThread made[threads];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    line_up(made, pool, endpoint, send_once);
    RT_REQUIRE(seL4_TCB_Suspend(made[0].tcb));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, made[2].tcb, DEPTH));
    RT_REQUIRE(seL4_TCB_Suspend(made[4].tcb));
    const seL4_Word expected[] = {2, 4, 0};
    for (int i = 0; i < 3; i++) {
        seL4_Word badge;
        seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, expected[i]);
    }
    // A thread that is resumed sends again, from the end of the queue.
    RT_REQUIRE(seL4_TCB_Resume(made[4].tcb));
    RT_REQUIRE(seL4_TCB_Resume(made[0].tcb));
    const seL4_Word then[] = {5, 1, 0};
    for (int i = 0; i < 3; i++) {
        seL4_Word badge;
        seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, then[i]);
    }
}

static void receivers_leave(RtPool* pool) {
    RtThread made[threads];
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    line_up(made, pool, endpoint, receive_once);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, made[0].tcb, DEPTH));
    RT_REQUIRE(seL4_TCB_Suspend(made[2].tcb));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, made[4].tcb, DEPTH));
    seL4_NBSend(endpoint, message(11, 0));
    seL4_NBSend(endpoint, message(12, 0));
    seL4_NBSend(endpoint, message(13, 0));  // nobody is left
    RT_EXPECT_EQUAL(queue[1].label, 11);
    RT_EXPECT_EQUAL(queue[3].label, 12);
    RT_EXPECT_EQUAL(queue[0].steps + queue[2].steps + queue[4].steps, 0);
    RT_REQUIRE(seL4_TCB_Resume(made[2].tcb));
    seL4_NBSend(endpoint, message(14, 0));
    RT_EXPECT_EQUAL(queue[2].label, 14);
}

/// The last one leaves: the endpoint serves the other direction again.
static void empty_again(RtPool* pool) {
    RtThread sender, receiver;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = second = (Helper){.endpoint = endpoint};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    RT_REQUIRE(seL4_TCB_Suspend(sender.tcb));
    start_thread(&receiver, pool, above, seL4_CapNull, receive_once, (seL4_Word)&second);
    seL4_NBSend(endpoint, message(3, 0));
    RT_EXPECT_EQUAL(second.label, 3);
    RT_REQUIRE(seL4_TCB_Resume(sender.tcb));
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), 0x123);
}

/// What a waiting sender has in its registers and buffer when the message is received is what arrives.
static void changed_while_waiting(RtPool* pool) {
    RtThread sender;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint, .length = 10};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    sender.ipc_buffer->msg[7] = 0x7777;
    seL4_Recv(endpoint, NULL);
    RT_EXPECT_EQUAL(seL4_GetMR(0), 7);
    RT_EXPECT_EQUAL(seL4_GetMR(7), 0x7777);
}

/// Beyond the message nothing in the receiver's buffer changes, and never the word that belongs to libraries.
static void the_rest_of_the_buffer(RtPool* pool) {
    RtThread sender;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint, .length = 6};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    seL4_IPCBuffer* buffer = seL4_GetIPCBuffer();
    seL4_Word user_data = buffer->userData;
    seL4_SetUserData(0xdada);
    seL4_SetCapReceivePath(1, 2, 3);
    for (int i = 4; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 0x9000u + (unsigned)i);
    }
    seL4_Recv(endpoint, NULL);
    RT_EXPECT_EQUAL(seL4_GetMR(5), 7 + 25);
    for (int i = 6; i < seL4_MsgMaxLength; i++) {
        RT_EXPECT_EQUAL(seL4_GetMR(i), 0x9000u + (unsigned)i);
    }
    RT_EXPECT_EQUAL(seL4_GetUserData(), 0xdada);
    RT_EXPECT_EQUAL(buffer->receiveCNode, 1);
    RT_EXPECT_EQUAL(buffer->receiveIndex, 2);
    RT_EXPECT_EQUAL(buffer->receiveDepth, 3);
    seL4_SetUserData(user_data);
}

static void reply_and_wait(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    seL4_Recv(self->endpoint, NULL);
    self->steps++;
    seL4_Recv(self->other, NULL);  // until the caller is gone
    self->steps++;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_ReplyRecv(self->endpoint, message(9, 4), &badge);
    note(self, info, badge);
}

/// ReplyRecv receives although there is nobody to reply to any more.
static void reply_recv_without_caller(RtPool* pool) {
    RtThread server, caller;
    helper = (Helper){.endpoint = make(pool, seL4_EndpointObject), .other = make(pool, seL4_EndpointObject)};
    second = (Helper){.endpoint = helper.endpoint};
    start_thread(&server, pool, above, seL4_CapNull, reply_and_wait, (seL4_Word)&helper);
    start_thread(&caller, pool, below, seL4_CapNull, call_once, (seL4_Word)&second);
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below - 1));
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, caller.tcb, DEPTH));
    seL4_Send(helper.other, message(0, 0));
    RT_EXPECT_EQUAL(helper.steps, 2);
    seL4_Send(helper.endpoint, message(0x66, 0));
    RT_EXPECT_EQUAL(helper.label, 0x66);
    RT_EXPECT_EQUAL(second.steps, 0);
}

/// A caller that is suspended while it waits for the reply, or for somebody to receive its call, calls again.
static void suspended_callers(RtPool* pool) {
    RtThread caller;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = endpoint, .length = 3};
    start_thread(&caller, pool, above, seL4_CapNull, call_once, (seL4_Word)&helper);
    for (int round = 0; round < 3; round++) {
        RT_REQUIRE(seL4_TCB_Suspend(caller.tcb));
        seL4_Word badge = 1;
        seL4_MessageInfo_t info = seL4_NBRecv(endpoint, &badge);
        (void)info;
        RT_REQUIRE(seL4_TCB_Resume(caller.tcb));
        info = seL4_Recv(endpoint, NULL);
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), 0x321);
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 3);
        RT_EXPECT_EQUAL(seL4_GetMR(2), 11 + 4);  // the message is as it was
    }
    seL4_Reply(message(1, 0));
    RT_EXPECT_EQUAL(helper.steps, 1);
}

static const RtTest tests[] = {
    {"senders leave the queue, the others keep their order", senders_leave},
    {"receivers leave the queue, the others keep their order", receivers_leave},
    {"an endpoint that everybody left", empty_again},
    {"a message is taken when it is received", changed_while_waiting},
    {"a message changes nothing in the buffer behind it", the_rest_of_the_buffer},
    {"ReplyRecv without a caller receives", reply_recv_without_caller},
    {"a suspended caller calls again", suspended_callers},
};

const RtTestGroup cancellation_tests = TEST_GROUP(tests);
