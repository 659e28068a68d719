/* SPDX-License-Identifier: BSD-2-Clause */
/// Who runs when (seL4 manual, 6.3 "Domains"). All of it needs more than one domain.
#include "exchange.h"
#include "schedule.h"

#if CONFIG_NUM_DOMAINS > 1

static volatile bool ran;

static void run(seL4_Word unused) {
    (void)unused;
    ran = true;
}

/// Whatever its priority.
static void not_in_another_domain(RtPool* pool) {
    RtThread thread;
    ran = false;
    start_in_domain(&thread, pool, 1, seL4_MaxPrio, run, 0);
    RT_EXPECT(!ran);
    seL4_Yield();
    RT_EXPECT(!ran);
    RT_REQUIRE(set_domain(0, thread.tcb));
    seL4_Yield();  // changing its domain makes it ready, and is no reason to look for another thread to run
    RT_EXPECT(ran);
}

static void turns_of_two(RtPool* pool) {
    RtThread thread;
    order_length = 0;
    start_in_domain(&thread, pool, 1, seL4_MinPrio, note_turns, 1);
    const Turn turns[] = {{0, 2}, {1, 1}};
    follow(0, 2, turns);
    while (order_length < 8) {
        note_turn(0);
    }
    only_domain_0();
    for (seL4_Word i = 0; i < 8; i++) {
        RT_EXPECT_EQUAL(order[i], i % 2);
    }
}

/// The schedule's order, with a domain that has two turns, and one in which nothing can run.
static void order_of_the_schedule(RtPool* pool) {
    RtThread one, three;
    order_length = 0;
    start_in_domain(&one, pool, 1, above, note_turns, 1);
    start_in_domain(&three, pool, 3, below, note_turns, 3);
    const Turn turns[] = {{0, 1}, {3, 1}, {2, 1}, {1, 1}, {3, 2}};
    follow(0, 5, turns);
    while (order_length < 13) {
        note_turn(0);
    }
    only_domain_0();
    const seL4_Word expected[] = {0, 3, 1, 3};
    for (seL4_Word i = 0; i < 13; i++) {
        RT_EXPECT_EQUAL(order[i], expected[i % 4]);
    }
}

/// Within a domain priorities decide.
static void priorities_within_a_domain(RtPool* pool) {
    RtThread low, high;
    order_length = 0;
    start_in_domain(&low, pool, 1, 10, note_turns, 10);
    start_in_domain(&high, pool, 1, 20, note_turns, 20);
    const Turn turns[] = {{0, 1}, {1, 3}};
    follow(0, 2, turns);
    while (order_length < 6) {
        note_turn(0);
    }
    only_domain_0();
    for (seL4_Word i = 0; i < 6; i++) {
        RT_EXPECT_EQUAL(order[i], i % 2 == 0 ? 0 : 20);
    }
}

/// Schedules beside each other; changing the start switches at once.
static void several_schedules(RtPool* pool) {
    RtThread one, two;
    start_in_domain(&one, pool, 1, above, note_turns, 1);
    start_in_domain(&two, pool, 2, above, note_turns, 2);
    RT_REQUIRE(configure(10, 2, 1));
    RT_REQUIRE(configure(11, 0, 1));
    RT_REQUIRE(configure(12, 0, 0));
    const Turn turns[] = {{1, 1}, {0, 1}};
    order_length = 0;
    follow(20, 2, turns);  // the first entry: domain 1 runs before this thread goes on
    note_turn(0);
    while (order_length < 6) {
        note_turn(0);
    }
    seL4_Word first[6];
    for (seL4_Word i = 0; i < 6; i++) {
        first[i] = order[i];
    }
    RT_REQUIRE(set_start(10));
    order_length = 0;
    while (order_length < 6) {
        note_turn(0);
    }
    only_domain_0();
    for (seL4_Word i = 0; i < 6; i++) {
        RT_EXPECT_EQUAL(first[i], i % 2 == 0 ? 1 : 0);
        RT_EXPECT(order[i] != 1);
    }
}

/// Changing an entry has no effect on the turn that it started, only on the next.
static void changing_the_current_entry(RtPool* pool) {
    RtThread one;
    start_in_domain(&one, pool, 1, above, note_turns, 1);
    const Turn turns[] = {{0, 3}, {1, 1}};
    follow(0, 2, turns);
    RT_REQUIRE(configure(0, 0, FOR_EVER));
    order_length = 0;
    note_turn(0);
    // The turn ends after its three ticks, domain 1 has one, and from then on it is domain 0's turn.
    while (order_length < 3) {
        note_turn(0);
    }
    for (int i = 0; i < 20000000; i++) {
        note_turn(0);
    }
    RT_EXPECT_EQUAL(order_length, 3);
    only_domain_0();
}

/// A message from one domain to the other, and a signal: both sides go on in their own time.
static void messages_between_domains(RtPool* pool) {
    RtThread server, waiter;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), notification = make(pool, seL4_NotificationObject);
    rt_allow_idle();
    helper = (Helper){.endpoint = endpoint};
    second = (Helper){.endpoint = notification};
    start_in_domain(&server, pool, 1, above, serve, (seL4_Word)&helper);
    start_in_domain(&waiter, pool, 2, above, receive_for_ever, (seL4_Word)&second);
    const Turn turns[] = {{0, 1}, {1, 1}, {2, 1}};
    follow(0, 3, turns);
    for (seL4_Word round = 1; round <= 5; round++) {
        fill(round, 9);
        seL4_Word expected = sum(9);
        seL4_MessageInfo_t info = seL4_Call(endpoint, message(round, 9));
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 6);
        RT_EXPECT_EQUAL(seL4_GetMR(0), expected);
        RT_EXPECT_EQUAL(helper.steps, round);
        while (second.steps == round - 1) {
            seL4_Signal(notification);
        }
        while (second.steps < round) {
        }
        RT_REQUIRE(seL4_TCB_Suspend(waiter.tcb));
        second.steps = round;
        RT_REQUIRE(seL4_TCB_Resume(waiter.tcb));
    }
    only_domain_0();
}

/// A receiver in another domain does not run before its domain's turn, however important it is.
static void no_preemption_across_domains(RtPool* pool) {
    RtThread receiver;
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    helper = (Helper){.endpoint = notification};
    RT_REQUIRE(rt_thread_create(&receiver, pool, seL4_CapNull, seL4_MaxPrio));
    RT_REQUIRE(rt_thread_start(&receiver, receive_once, (seL4_Word)&helper));
    RT_REQUIRE(set_domain(1, receiver.tcb));
    seL4_Signal(mint(pool, notification, seL4_CanWrite, 3));
    seL4_Yield();
    RT_EXPECT_EQUAL(helper.steps, 0);
    const Turn turns[] = {{0, 1}, {1, 1}};
    follow(0, 2, turns);
    while (helper.steps == 0) {
    }
    only_domain_0();
    RT_EXPECT_EQUAL(helper.badge, 3);
}

/// The running thread moves itself: it goes on when its new domain has its turn.
static void moving_oneself(RtPool* pool) {
    RtThread zero;
    order_length = 0;
    start_in_domain(&zero, pool, 0, below, note_turns, 0);
    const Turn turns[] = {{0, 2}, {1, 2}};
    follow(0, 2, turns);
    RT_REQUIRE(set_domain(1, seL4_CapInitThreadTCB));
    while (order_length < 6) {
        note_turn(1);
    }
    RT_REQUIRE(set_domain(0, seL4_CapInitThreadTCB));
    only_domain_0();
    for (seL4_Word i = 1; i < 6; i++) {
        RT_EXPECT(order[i] != order[i - 1]);
    }
}

/// A new thread is in the domain of the thread that made it.
static void new_threads(RtPool* pool) {
    RtThread thread;
    rt_allow_idle();
    const Turn turns[] = {{0, 2}, {1, 2}};
    follow(0, 2, turns);
    RT_REQUIRE(set_domain(1, seL4_CapInitThreadTCB));
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(set_domain(0, seL4_CapInitThreadTCB));
    only_domain_0();
    ran = false;
    RT_REQUIRE(rt_thread_start(&thread, run, 0));
    RT_EXPECT(!ran);
    RT_REQUIRE(set_domain(0, thread.tcb));
    seL4_Yield();  // changing its domain makes it ready, and is no reason to look for another thread to run
    RT_EXPECT(ran);
}

static const RtTest tests[] = {
    {"a thread does not run while another domain has its turn", not_in_another_domain},
    {"two domains take turns", turns_of_two},
    {"domains run in the order of the schedule", order_of_the_schedule},
    {"within a domain the highest priority runs", priorities_within_a_domain},
    {"ScheduleSetStart switches to another schedule at once", several_schedules},
    {"a changed entry counts from its next turn on", changing_the_current_entry},
    {"messages and signals between domains", messages_between_domains},
    {"a signal to another domain waits for its turn", no_preemption_across_domains},
    {"a thread moves itself to another domain", moving_oneself},
    {"a new thread is in its maker's domain", new_threads},
};

#else

static void skipped(RtPool* pool) {
    (void)pool;
    rt_skip("one domain");
}

static const RtTest tests[] = {{"domains take turns", skipped}};

#endif

const RtTestGroup turn_tests = TEST_GROUP(tests);
