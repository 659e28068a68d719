/* SPDX-License-Identifier: BSD-2-Clause */
/// Interrupts that come over the pins of an I/O APIC (seL4 manual, 8.1 "Interrupt Delivery"), from the programmable
/// interval timer, which every pc99 machine has at pin 2 of the first one.
#include "support.h"

enum {
    pit_counter_0 = 0x40,
    pit_control = 0x43,
    pit_rate_generator = 0x34,  ///< counter 0, low byte then high byte, mode 2
    pit_one_shot = 0x30,        ///< mode 0, which does nothing until it is given a count
    pit_reload = 1193,          ///< about a millisecond of its 1.193182 MHz
    pit_pin = 2,
    vector = 7,
    badge = 0x10,
};

typedef struct {
    seL4_CPtr handler, notification, signal;
    seL4_CPtr ports;
} Timer;

static seL4_Error issue(seL4_CPtr slot) {
    const seL4_Word io_apic = 0, edge = 0, active_high = 0;
    return seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT, slot, DEPTH, io_apic, pit_pin, edge, active_high,
                                     vector);
}

/// No more interrupts. One that came between the issue of a handler and SetNotification would be lost, and with it all
/// that follow, for it would never be acknowledged.
static void stop_timer(const Timer* timer) { RT_CHECK(seL4_X86_IOPort_Out8(timer->ports, pit_control, pit_one_shot)); }

/// The timer's interrupt, handed out and told what to signal, but not acknowledged. The timer stands still.
static seL4_Error take_timer(Timer* timer, RtPool* pool) {
    *timer = (Timer){.handler = rt_pool_slot(pool), .ports = rt_pool_slot(pool)};
    timer->notification = make(pool, seL4_NotificationObject);
    timer->signal = mint(pool, timer->notification, seL4_AllRights, badge);
    RT_CHECK(
        seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, pit_counter_0, pit_control, ROOT, timer->ports, DEPTH));
    stop_timer(timer);
    seL4_Error error = issue(timer->handler);
    return error != seL4_NoError ? error : seL4_IRQHandler_SetNotification(timer->handler, timer->signal);
}

static void start_timer(const Timer* timer) {
    RT_CHECK(seL4_X86_IOPort_Out8(timer->ports, pit_control, pit_rate_generator));
    RT_CHECK(seL4_X86_IOPort_Out8(timer->ports, pit_counter_0, pit_reload & 0xff));
    RT_CHECK(seL4_X86_IOPort_Out8(timer->ports, pit_counter_0, pit_reload >> 8));
}

static seL4_Word counter(const Timer* timer) {
    const seL4_Word latch = 0x00;
    RT_CHECK(seL4_X86_IOPort_Out8(timer->ports, pit_control, latch));
    const seL4_Word low = seL4_X86_IOPort_In8(timer->ports, pit_counter_0).result;
    return low | (seL4_Word)seL4_X86_IOPort_In8(timer->ports, pit_counter_0).result << 8;
}

/// Whether the timer's interrupt is signalled within so many of its periods.
static bool is_signalled_within(const Timer* timer, int limit) {
    seL4_Word before = counter(timer);
    for (int periods = 0; periods < limit;) {
        seL4_Word got = 0;
        (void)seL4_Poll(timer->notification, &got);
        if (got != 0) {
            RT_EXPECT_EQUAL(got, badge);
            return true;
        }
        const seL4_Word now = counter(timer);
        periods += now > before;  // it counts down
        before = now;
    }
    return false;
}

/// Within a second or more: an emulated timer on a busy machine is not punctual.
static bool is_signalled(const Timer* timer) { return is_signalled_within(timer, 2000); }

static bool is_silent(const Timer* timer) { return !is_signalled_within(timer, 20); }

static void open_from_the_start(RtPool* pool) {
    Timer timer;
    RT_REQUIRE(take_timer(&timer, pool));
    start_timer(&timer);
    RT_EXPECT(is_signalled(&timer));
}

static void masked_until_acknowledged(RtPool* pool) {
    Timer timer;
    RT_REQUIRE(take_timer(&timer, pool));
    start_timer(&timer);
    RT_EXPECT(is_signalled(&timer));
    RT_EXPECT(is_silent(&timer));
    RT_REQUIRE(seL4_IRQHandler_Ack(timer.handler));
    RT_EXPECT(is_signalled(&timer));
}

static void nobody_signalled_after_clear(RtPool* pool) {
    Timer timer;
    RT_REQUIRE(take_timer(&timer, pool));
    RT_REQUIRE(seL4_IRQHandler_Clear(timer.handler));
    start_timer(&timer);
    RT_EXPECT(is_silent(&timer));
    RT_REQUIRE(seL4_IRQHandler_SetNotification(timer.handler, timer.signal));
    RT_REQUIRE(seL4_IRQHandler_Ack(timer.handler));
    RT_EXPECT(is_signalled(&timer));
}

static void handed_out_once(RtPool* pool) {
    Timer timer;
    RT_REQUIRE(take_timer(&timer, pool));
    RT_EXPECT_ERROR(issue(rt_pool_slot(pool)), seL4_RevokeFirst);
    const seL4_CPtr copy = mint(pool, timer.handler, seL4_AllRights, 0);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, timer.handler, DEPTH));
    RT_EXPECT_ERROR(issue(timer.handler), seL4_RevokeFirst);
    start_timer(&timer);
    RT_EXPECT(is_signalled(&timer));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, copy, DEPTH));
    (void)is_signalled_within(&timer, 1);  // what came before that
    RT_EXPECT(is_silent(&timer));
    stop_timer(&timer);
    RT_REQUIRE(issue(timer.handler));
    RT_REQUIRE(seL4_IRQHandler_SetNotification(timer.handler, timer.signal));
    start_timer(&timer);
    RT_EXPECT(is_signalled(&timer));
}

static const RtTest tests[] = {
    {"an interrupt is delivered as soon as its handler is issued", open_from_the_start},
    {"a delivered interrupt is masked until it is acknowledged", masked_until_acknowledged},
    {"an interrupt without a notification signals nobody", nobody_signalled_after_clear},
    {"an interrupt is handed out once, and again after its last handler went", handed_out_once},
};
const RtTestGroup line_tests = TEST_GROUP(tests);
