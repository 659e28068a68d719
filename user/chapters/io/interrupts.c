/* SPDX-License-Identifier: BSD-2-Clause */
/// Interrupts through the I/O APIC, raised on demand (seL4 manual, 8.1 "Interrupt Delivery").
#include "devices.h"
#include "exchange.h"

#include <sel4/invocation.h>

enum { vector = 5 };

static seL4_Word poll(seL4_CPtr notification) {
    seL4_Word badge;
    seL4_Poll(notification, &badge);
    return badge;
}

/// The device's interrupt line, taken as an edge-triggered one: each time the device raises it, there is one interrupt.
/// The emulator passes it on before the access that raises it is over, so nothing has to be waited for.
typedef struct {
    Edu edu;
    seL4_Word pin;
    seL4_CPtr handler, notification, flag;
} Line;

static seL4_CPtr line_handler(const Line* line, RtPool* pool, seL4_Word at_vector) {
    seL4_CPtr handler = rt_pool_slot(pool);
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT, handler, DEPTH, 0, line->pin, edge, active_high,
                                       at_vector));
    return handler;
}

/// The line's interrupts signal flag 8 of `notification`. False if there is no such device.
static bool line_make(Line* line, RtPool* pool) {
    if (!edu_make(&line->edu, pool)) {
        return false;
    }
    line->pin = edu_pin(&line->edu);
    line->notification = make(pool, seL4_NotificationObject);
    line->flag = mint(pool, line->notification, seL4_AllRights, 8);
    line->handler = line_handler(line, pool, vector);
    RT_CHECK(seL4_IRQHandler_SetNotification(line->handler, line->flag));
    return true;
}

static void fire(const Line* line) {
    edu_raise(&line->edu, 1);
    edu_acknowledge(&line->edu);
}

static void signalled(RtPool* pool, Line* line) {
    (void)pool;
    RT_EXPECT_EQUAL(poll(line->notification), 0);
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 8);
    RT_EXPECT_EQUAL(poll(line->notification), 0);
}

static void acknowledge(RtPool* pool, Line* line) {
    (void)pool;
    RT_REQUIRE(seL4_IRQHandler_Ack(line->handler));  // nothing to acknowledge, no harm
    RT_REQUIRE(seL4_IRQHandler_Ack(line->handler));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 8);
    fire(line);
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 0);  // not before it is acknowledged
    RT_REQUIRE(seL4_IRQHandler_Ack(line->handler));
    RT_EXPECT_EQUAL(poll(line->notification), 0);  // the I/O APIC ignores edges of a line that is masked
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 8);
}

static void clear(RtPool* pool, Line* line) {
    (void)pool;
    RT_REQUIRE(seL4_IRQHandler_Clear(line->handler));
    RT_REQUIRE(seL4_IRQHandler_Clear(line->handler));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 0);
    RT_REQUIRE(seL4_IRQHandler_SetNotification(line->handler, line->flag));
    RT_EXPECT_EQUAL(poll(line->notification), 0);  // that interrupt is lost
    RT_REQUIRE(seL4_IRQHandler_Ack(line->handler));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 8);
}

static void another_notification(RtPool* pool, Line* line) {
    seL4_CPtr other = make(pool, seL4_NotificationObject);
    RT_REQUIRE(seL4_IRQHandler_SetNotification(line->handler, mint(pool, other, seL4_CanWrite, 16)));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 0);
    RT_EXPECT_EQUAL(poll(other), 16);
}

/// The kernel keeps a copy of the notification's capability: deleting the program's does not matter, revoking does.
static void notification_goes(RtPool* pool, Line* line) {
    (void)pool;
    RT_REQUIRE(seL4_CNode_Delete(ROOT, line->flag, DEPTH));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 8);
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, line->notification, DEPTH));
    RT_REQUIRE(seL4_IRQHandler_Ack(line->handler));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 0);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, line->notification, DEPTH));
    RT_REQUIRE(seL4_IRQHandler_Ack(line->handler));
    fire(line);
}

static void bound_notification(RtPool* pool, Line* line) {
    RtThread driver;
    helper = (Helper){.endpoint = make(pool, seL4_EndpointObject)};
    RT_REQUIRE(rt_thread_create(&driver, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_BindNotification(driver.tcb, line->notification));
    RT_REQUIRE(rt_thread_start(&driver, receive_for_ever, (seL4_Word)&helper));
    fire(line);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 8);
}

static void deleted_handler(RtPool* pool, Line* line) {
    seL4_CPtr copy = rt_pool_slot(pool), slot = rt_pool_slot(pool);
    RT_REQUIRE(seL4_CNode_Copy(ROOT, copy, DEPTH, ROOT, line->handler, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, line->handler, DEPTH));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 8);  // the copy keeps it
    RT_EXPECT_ERROR(
        seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT, slot, DEPTH, 0, line->pin, edge, active_high, vector),
        seL4_RevokeFirst);
    RT_REQUIRE(seL4_IRQHandler_Ack(copy));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, copy, DEPTH));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 0);
    // The vector is free, and what the last handler had set is gone.
    slot = line_handler(line, pool, vector);
    RT_REQUIRE(seL4_IRQHandler_Ack(slot));
    fire(line);
    RT_EXPECT_EQUAL(poll(line->notification), 0);
}

static void any_vector(RtPool* pool, Line* line) {
    RT_REQUIRE(seL4_CNode_Delete(ROOT, line->handler, DEPTH));
    const seL4_Word vectors[] = {0, 1, 42, 106, 107};
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        seL4_CPtr handler = line_handler(line, pool, vectors[i]);
        RT_REQUIRE(seL4_IRQHandler_SetNotification(handler, mint(pool, notification, seL4_CanWrite, i + 1)));
        fire(line);
        RT_EXPECT_EQUAL(poll(notification), i + 1);
        RT_REQUIRE(seL4_CNode_Delete(ROOT, handler, DEPTH));
    }
}

static void handler_errors(RtPool* pool, Line* line) {
    seL4_CPtr handler = line->handler, notification = make(pool, seL4_NotificationObject);
    RT_EXPECT_ERROR(seL4_IRQHandler_SetNotification(handler, make(pool, seL4_EndpointObject)), seL4_InvalidCapability,
                    0);
    RT_EXPECT_ERROR(seL4_IRQHandler_SetNotification(handler, mint(pool, notification, seL4_CanRead, 0)),
                    seL4_InvalidCapability, 0);
    RT_EXPECT_ERROR(seL4_IRQHandler_SetNotification(handler, rt_pool_slot(pool)), seL4_InvalidCapability, 0);
    RT_EXPECT_ERROR(invoke(handler, IRQSetIRQHandler, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(handler, IRQIssueIRQHandler, CAPS(ROOT), WORDS(0, 0, 0)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(handler, 0, NO_CAPS, NO_WORDS), seL4_IllegalOperation);
    RT_REQUIRE(seL4_IRQHandler_SetNotification(handler, mint(pool, notification, seL4_CanWrite, 0)));
    RT_REQUIRE(seL4_IRQHandler_SetNotification(handler, notification));  // replaces
}

#define TESTS(X)                                                                          \
    X(signalled, "an interrupt signals the notification")                                 \
    X(acknowledge, "the next interrupt comes after Ack")                                  \
    X(clear, "after Clear nothing is signalled")                                          \
    X(another_notification, "SetNotification replaces the notification")                  \
    X(notification_goes, "a notification that is deleted or revoked")                     \
    X(bound_notification, "an interrupt reaches a thread through its bound notification") \
    X(deleted_handler, "the last handler capability gives the interrupt back")            \
    X(any_vector, "an interrupt can have any vector from 0 to 107")                       \
    X(handler_errors, "a handler refuses bad arguments")

#define RUN(name, sentence)                \
    static void run_##name(RtPool* pool) { \
        Line line;                         \
        if (line_make(&line, pool)) {      \
            name(pool, &line);             \
            edu_release();                 \
        }                                  \
    }
TESTS(RUN)

#define ENTRY(name, sentence) {sentence, run_##name},
static const RtTest tests[] = {TESTS(ENTRY)};

const RtTestGroup interrupt_tests = TEST_GROUP(tests);
