/* SPDX-License-Identifier: BSD-2-Clause */
/// What sending and receiving need (seL4 manual, 4.2 "Endpoints").
#include "exchange.h"

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

static const RtTest tests[] = {
    {"sending needs the Write right", rights_are_needed},
    {"invoking an empty slot is an invalid capability", invoking_an_empty_slot},
    {"NBSend to an address outside the CSpace does nothing", nbsend_to_nowhere},
    {"without an IPC buffer four words travel", without_buffer_four_words},
    {"deleting an endpoint releases who waits at it", deleting_releases_waiters},
};

const RtTestGroup right_tests = TEST_GROUP(tests);
