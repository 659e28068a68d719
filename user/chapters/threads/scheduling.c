/* SPDX-License-Identifier: BSD-2-Clause */
/// Who runs after which operation (seL4 manual, 6.1.6 "Scheduling").
#include "counting.h"

#include <string.h>

/// The order in which threads ran, a letter for each.
static char order[64];
static volatile unsigned order_length;

static void log_turn(char name) {
    if (order_length < sizeof order - 1) {
        order[order_length++] = name;
        order[order_length] = '\0';
    }
}

static void start_log(void) {
    order_length = 0;
    order[0] = '\0';
}

/// The timer may take the processor from a thread in the middle of a test; then the order is another one. That does not
/// happen every time.
static void expect_order(RtPool* pool, const char* expected, void (*scene)(RtPool* pool)) {
    for (int attempt = 0; attempt < 10; attempt++) {
        start_log();
        scene(pool);
        if (rt_failed() || strcmp(order, expected) == 0) {
            return;
        }
        RT_REQUIRE(rt_pool_reset(pool));
    }
    rt_fail(__FILE_NAME__, __LINE__, "they ran in the order %s, expected %s", order, expected);
}

static void set_own_priority(seL4_Word priority) {
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, priority));
}

static void log_once(seL4_Word name) { log_turn((char)name); }

static void highest_first(RtPool* pool) {
    static const seL4_Word priorities[] = {40, 3, 99, 64, 63, 2, 65, 31, 33, 32, 98};
    enum { count = sizeof priorities / sizeof *priorities };
    start_log();
    for (seL4_Word i = 0; i < count; i++) {
        RtThread thread;
        start_thread(&thread, pool, priorities[i], seL4_CapNull, log_once, 'a' + i);
    }
    RT_EXPECT_EQUAL(order_length, 0);
    set_own_priority(1);
    set_own_priority(RT_TEST_PRIORITY);
    RT_EXPECT_EQUAL(order_length, count);
    for (unsigned i = 1; i < count && !rt_failed(); i++) {
        RT_EXPECT(priorities[order[i - 1] - 'a'] > priorities[order[i] - 'a']);
    }
}

static volatile seL4_Word spins[3];

static void spin(seL4_Word which) {
    for (;;) {
        spins[which]++;
    }
}

/// Nobody yields: the end of each time slice gives the processor to the next of the same priority.
static void time_slices(RtPool* pool) {
    RtThread threads[3], lower;
    memset((void*)spins, 0, sizeof spins);
    counter = 0;
    for (seL4_Word i = 0; i < 3; i++) {
        start_thread(&threads[i], pool, RT_TEST_PRIORITY, seL4_CapNull, spin, i);
    }
    start_thread(&lower, pool, RT_TEST_PRIORITY - 1, seL4_CapNull, count_once, 1);
    seL4_Word own_turns = 0;
    for (seL4_Word seen = 0; own_turns < 4;) {
        seL4_Word sum = spins[0] + spins[1] + spins[2];
        own_turns += sum != seen;  // the others ran, and now it is this thread's turn again
        seen = sum;
    }
    RT_EXPECT(spins[0] > 0 && spins[1] > 0 && spins[2] > 0);
    RT_EXPECT_EQUAL(counter, 0);  // less important threads have no part in it
}

static void wait_and_log(seL4_Word endpoint) {
    for (;;) {
        seL4_Recv(endpoint, NULL);
        log_turn('R');
    }
}

/// Sending to a thread of the same priority makes it ready; the sender goes on.
static void equal_receiver_scene(RtPool* pool) {
    RtThread receiver;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    start_thread(&receiver, pool, RT_TEST_PRIORITY, seL4_CapNull, wait_and_log, endpoint);
    seL4_Yield();
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
    seL4_Yield();
    log_turn('t');
}
static void equal_receiver(RtPool* pool) { expect_order(pool, "tRt", equal_receiver_scene); }

static void lower_receiver_scene(RtPool* pool) {
    RtThread receiver;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    start_thread(&receiver, pool, above, seL4_CapNull, wait_and_log, endpoint);
    RT_REQUIRE(seL4_TCB_SetPriority(receiver.tcb, seL4_CapInitThreadTCB, below));
    seL4_Send(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
    RT_REQUIRE(seL4_TCB_SetPriority(receiver.tcb, seL4_CapInitThreadTCB, above));
    log_turn('t');
}
static void lower_receiver(RtPool* pool) { expect_order(pool, "tRt", lower_receiver_scene); }

static void higher_receiver_scene(RtPool* pool) {
    RtThread receiver;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    start_thread(&receiver, pool, above, seL4_CapNull, wait_and_log, endpoint);
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
}
static void higher_receiver(RtPool* pool) { expect_order(pool, "Rt", higher_receiver_scene); }

static void serve_and_log(seL4_Word endpoint) {
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL);
    for (;;) {
        log_turn('S');
        info = seL4_ReplyRecv(endpoint, info, NULL);
    }
}

static void log_for_ever(seL4_Word name) {
    for (;;) {
        log_turn((char)name);
        seL4_Yield();
    }
}

/// Among threads of one priority a call goes straight to the server, and its reply straight back: others wait on.
static void straight_call_scene(RtPool* pool) {
    RtThread server, other;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    start_thread(&server, pool, RT_TEST_PRIORITY, seL4_CapNull, serve_and_log, endpoint);
    seL4_Yield();
    start_thread(&other, pool, RT_TEST_PRIORITY, seL4_CapNull, log_for_ever, 'o');
    seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
    seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
    seL4_Yield();
    log_turn('t');
}
static void straight_call(RtPool* pool) { expect_order(pool, "StStot", straight_call_scene); }

/// A thread that was interrupted by a more important one is still the first of its priority afterwards.
static void stays_first_scene(RtPool* pool) {
    RtThread other, higher;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    start_thread(&higher, pool, above, seL4_CapNull, wait_and_log, endpoint);
    seL4_Yield();
    start_thread(&other, pool, RT_TEST_PRIORITY, seL4_CapNull, log_for_ever, 'o');
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    log_turn('t');
}
static void stays_first(RtPool* pool) { expect_order(pool, "RtRt", stays_first_scene); }

/// Threads of one priority that are made ready come before those that were ready already, but behind the running one.
static void made_ready_scene(RtPool* pool) {
    RtThread a, b, c;
    start_thread(&a, pool, RT_TEST_PRIORITY, seL4_CapNull, log_for_ever, 'a');
    start_thread(&b, pool, RT_TEST_PRIORITY, seL4_CapNull, log_for_ever, 'b');
    start_thread(&c, pool, RT_TEST_PRIORITY, seL4_CapNull, log_for_ever, 'c');
    log_turn('t');
    seL4_Yield();
    log_turn('t');
    seL4_Yield();
    log_turn('t');
}
static void made_ready(RtPool* pool) { expect_order(pool, "tcbatcbat", made_ready_scene); }

/// Lowering one's own priority to that of a ready thread changes nothing, below it the other one runs.
static void own_priority_scene(RtPool* pool) {
    RtThread other;
    start_thread(&other, pool, below, seL4_CapNull, log_for_ever, 'o');
    set_own_priority(below);
    log_turn('t');
    seL4_Yield();
    log_turn('t');
    set_own_priority(RT_TEST_PRIORITY);
    RT_REQUIRE(seL4_TCB_Suspend(other.tcb));
}
static void own_priority(RtPool* pool) { expect_order(pool, "tot", own_priority_scene); }

/// A ready thread that gets a higher priority than the running one runs at once, with the same one it does not.
static void another_s_priority_scene(RtPool* pool) {
    RtThread other;
    start_thread(&other, pool, below, seL4_CapNull, log_once, 'o');
    RT_REQUIRE(seL4_TCB_SetPriority(other.tcb, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    log_turn('t');
    RT_REQUIRE(seL4_TCB_SetPriority(other.tcb, seL4_CapInitThreadTCB, RT_TEST_PRIORITY + 1));
    log_turn('t');
}
static void another_s_priority(RtPool* pool) { expect_order(pool, "tot", another_s_priority_scene); }

static const RtTest tests[] = {
    {"the ready thread of the highest priority runs", highest_first},
    {"threads of the same priority share the time", time_slices},
    {"sending to a thread of the same priority", equal_receiver},
    {"sending to a thread of lower priority", lower_receiver},
    {"sending to a thread of higher priority", higher_receiver},
    {"Call and reply among threads of the same priority", straight_call},
    {"a thread interrupted by a more important one goes on first", stays_first},
    {"the order of threads that are made ready", made_ready},
    {"a thread that changes its own priority", own_priority},
    {"a thread that changes another's priority", another_s_priority},
};

const RtTestGroup scheduling_tests = TEST_GROUP(tests);
