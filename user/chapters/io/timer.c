/* SPDX-License-Identifier: BSD-2-Clause */
/// Interrupts of the interval timer, which come when they want (seL4 manual, 8.1 "Interrupt Delivery").
#include "devices.h"
#include "exchange.h"

enum { vector = 6 };

/// A timer whose interrupts signal flag 8 of `notification`.
typedef struct {
    Pit pit;
    seL4_CPtr handler, notification;
} Timer;

static Timer timer_make(RtPool* pool) {
    Timer timer = {.pit = pit_make(pool), .notification = make(pool, seL4_NotificationObject)};
    timer.handler = pit_handler(pool, vector);
    RT_CHECK(seL4_IRQHandler_SetNotification(timer.handler, mint(pool, timer.notification, seL4_AllRights, 8)));
    return timer;
}

/// The interrupt comes while no thread can run.
static void while_idle(RtPool* pool) {
    Timer timer = timer_make(pool);
    rt_allow_idle();
    for (int round = 0; round < 5; round++) {
        pit_arm(&timer.pit, 2000);
        seL4_Word badge = 0;
        seL4_Wait(timer.notification, &badge);
        RT_EXPECT_EQUAL(badge, 8);
        RT_REQUIRE(seL4_IRQHandler_Ack(timer.handler));
    }
}

/// The interrupt takes the processor from whoever runs and gives it to the more important thread that waits.
static void preempts(RtPool* pool) {
    Timer timer = timer_make(pool);
    RtThread driver;
    helper = (Helper){.endpoint = timer.notification};
    start_thread(&driver, pool, above, seL4_CapNull, receive_for_ever, (seL4_Word)&helper);
    for (seL4_Word round = 1; round <= 5; round++) {
        pit_arm(&timer.pit, 1000);
        while (helper.steps != round) {
        }
        RT_EXPECT_EQUAL(helper.badge, 8);
        RT_REQUIRE(seL4_IRQHandler_Ack(timer.handler));
    }
}

/// A waiter of lower priority gets the signal, and not the processor.
static void does_not_preempt(RtPool* pool) {
    Timer timer = timer_make(pool);
    RtThread driver;
    helper = (Helper){.endpoint = timer.notification};
    start_thread(&driver, pool, below, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below - 1));
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    pit_arm(&timer.pit, 1000);
    pit_wait(&timer.pit);
    RT_EXPECT_EQUAL(helper.steps, 0);
    while (helper.steps == 0) {
        RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below - 1));
        RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    }
    RT_EXPECT_EQUAL(helper.badge, 8);
}

static const RtTest tests[] = {
    {"Wait returns when the interrupt comes, though nobody runs", while_idle},
    {"an interrupt gives the processor to a more important thread", preempts},
    {"an interrupt for a less important thread lets the running one go on", does_not_preempt},
};

const RtTestGroup timer_tests = TEST_GROUP(tests);
