/* SPDX-License-Identifier: BSD-2-Clause */
/// What IRQControl refuses (seL4 manual, 8.2.1 "Interrupts" and API reference).
#include "devices.h"

#include <sel4/arch/invocation.h>
#include <sel4/invocation.h>

static seL4_Error get_ioapic(seL4_CPtr slot, seL4_Word ioapic, seL4_Word pin, seL4_Word trigger, seL4_Word polarity,
                             seL4_Word vector) {
    return (seL4_Error)seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT, slot, DEPTH, ioapic, pin, trigger, polarity,
                                                 vector);
}

static seL4_Error get_msi(seL4_CPtr slot, seL4_Word bus, seL4_Word device, seL4_Word function, seL4_Word vector) {
    return (seL4_Error)seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT, slot, DEPTH, bus, device, function, 0, vector);
}

enum { last_vector = 107, last_pin = 23 };

static void ioapic_errors(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool), full = make(pool, seL4_EndpointObject);
    RT_EXPECT_ERROR(get_ioapic(slot, 0, pit_pin, edge, active_high, last_vector + 1), seL4_RangeError, 0, last_vector);
    RT_EXPECT_ERROR(get_ioapic(slot, 0, pit_pin, edge, active_high, ~0ul), seL4_RangeError, 0, last_vector);
    RT_EXPECT_ERROR(get_ioapic(full, 0, pit_pin, edge, active_high, 0), seL4_DeleteFirst);
    RT_EXPECT_ERROR(get_ioapic(~0ul, 0, pit_pin, edge, active_high, 0), seL4_FailedLookup, 0, seL4_GuardMismatch);
    RT_EXPECT_ERROR(get_ioapic(slot, 1, pit_pin, edge, active_high, 0), seL4_RangeError, 0, 0);
    RT_EXPECT_ERROR(get_ioapic(slot, ~0ul, pit_pin, edge, active_high, 0), seL4_RangeError, 0, 0);
    RT_EXPECT_ERROR(get_ioapic(slot, 0, last_pin + 1, edge, active_high, 0), seL4_RangeError, 0, last_pin);
    RT_EXPECT_ERROR(get_ioapic(slot, 0, pit_pin, 2, active_high, 0), seL4_RangeError, 0, 1);
    RT_EXPECT_ERROR(get_ioapic(slot, 0, pit_pin, edge, 2, 0), seL4_RangeError, 0, 1);
    RT_EXPECT_ERROR(invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerIOAPIC, CAPS(ROOT), WORDS(slot, DEPTH, 0, 2, 0, 0)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerIOAPIC, NO_CAPS, WORDS(slot, DEPTH, 0, 2, 0, 0, 0)),
                    seL4_TruncatedMessage);
    RT_EXPECT(!slot_is_full(slot));
}

static void msi_errors(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool), full = make(pool, seL4_EndpointObject);
    RT_EXPECT_ERROR(get_msi(slot, 0, 0, 0, last_vector + 1), seL4_RangeError, 0, last_vector);
    RT_EXPECT_ERROR(get_msi(full, 0, 0, 0, 0), seL4_DeleteFirst);
    RT_EXPECT_ERROR(get_msi(slot, 256, 0, 0, 0), seL4_RangeError, 0, 255);
    RT_EXPECT_ERROR(get_msi(slot, 0, 32, 0, 0), seL4_RangeError, 0, 31);
    RT_EXPECT_ERROR(get_msi(slot, 0, 0, 8, 0), seL4_RangeError, 0, 7);
    RT_EXPECT_ERROR(invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerMSI, CAPS(ROOT), WORDS(slot, DEPTH, 0, 0, 0, 0)),
                    seL4_TruncatedMessage);
    RT_REQUIRE(get_msi(slot, 255, 31, 7, 3));
    RT_EXPECT_ERROR(get_msi(rt_pool_slot(pool), 0, 0, 0, 3), seL4_RevokeFirst);
    RT_EXPECT_ERROR(get_ioapic(rt_pool_slot(pool), 0, pit_pin, edge, active_high, 3), seL4_RevokeFirst);
    // The vector's use is looked at before the destination.
    RT_EXPECT_ERROR(get_msi(full, 0, 0, 0, 3), seL4_RevokeFirst);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
    RT_REQUIRE(get_ioapic(slot, 0, pit_pin, edge, active_high, 3));
}

/// Get is for machines without I/O APIC.
static void other_methods(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(seL4_IRQControl_Get(seL4_CapIRQControl, 3, ROOT, slot, DEPTH), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(seL4_CapIRQControl, IRQAckIRQ, CAPS(ROOT), WORDS(slot, DEPTH, 0, 0, 0, 0, 0)),
                    seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(seL4_CapIRQControl, 0, NO_CAPS, NO_WORDS), seL4_IllegalOperation);
}

/// Handlers are children of IRQControl; a copy of a handler is one more.
static void every_vector(RtPool* pool) {
    seL4_CPtr first = rt_pool_slot(pool);
    for (seL4_Word vector = 1; vector <= last_vector; vector++) {
        rt_pool_slot(pool);
    }
    for (seL4_Word vector = 0; vector <= last_vector; vector++) {
        RT_REQUIRE(get_msi(first + vector, 0, 0, 0, vector));
    }
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, seL4_CapIRQControl, DEPTH));
    for (seL4_Word vector = 0; vector <= last_vector; vector++) {
        RT_EXPECT(!slot_is_full(first + vector));
        RT_REQUIRE(get_msi(first + vector, 0, 0, 0, vector));
    }
}

static const RtTest tests[] = {
    {"GetIOAPIC refuses bad arguments", ioapic_errors},
    {"GetMSI refuses bad arguments", msi_errors},
    {"IRQControl has no other methods", other_methods},
    {"each vector once; revoking IRQControl takes them all back", every_vector},
};

const RtTestGroup control_tests = TEST_GROUP(tests);
