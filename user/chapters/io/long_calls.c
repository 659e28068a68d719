/* SPDX-License-Identifier: BSD-2-Clause */
/// Calls that take long do not keep interrupts waiting: the kernel goes on with them after the driver has run.
#include "devices.h"

enum { vector = 8 };

static Pit pit;
static seL4_CPtr handler, notification;
static volatile bool calling;
static volatile seL4_Word in_calls;  ///< interrupts in the middle of a call

/// Takes the timer's interrupts, each a millisecond after the one before.
static void drive(seL4_Word unused) {
    (void)unused;
    for (;;) {
        seL4_Wait(notification, NULL);
        in_calls += calling;
        seL4_IRQHandler_Ack(handler);
        pit_arm(&pit, 1000);  // behind Ack: while the line is masked the I/O APIC would ignore the interrupt
    }
}

static void start_driver(RtPool* pool) {
    RtThread driver;
    pit = pit_make(pool);
    notification = make(pool, seL4_NotificationObject);
    handler = pit_handler(pool, vector);
    RT_CHECK(seL4_IRQHandler_SetNotification(handler, notification));
    calling = false;
    in_calls = 0;
    start_thread(&driver, pool, above, seL4_CapNull, drive, 0);
    pit_arm(&pit, 1000);
}

/// A call that the driver is to interrupt.
#define LONG_CALL(call)               \
    do {                              \
        calling = true;               \
        seL4_Error long_error = call; \
        calling = false;              \
        RT_REQUIRE(long_error);       \
    } while (0)

/// Retype clears what was in use: here, all of it.
static void retype(RtPool* pool) {
    enum { bits = 26 };
    seL4_CPtr memory = boot_untyped(false, bits), child = rt_pool_slot(pool), frame = rt_pool_slot(pool);
    const seL4_Word address = 0x6a0000000000 + (1ul << seL4_LargePageBits);
    if (memory == seL4_CapNull) {
        rt_skip("no untyped memory of 64 MiB");
        return;
    }
    RT_REQUIRE(rt_pool_prepare_address(pool, 0x6a0000000000));
    start_driver(pool);
    for (int round = 0; round < 20 && in_calls == 0; round++) {
        RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X86_LargePageObject, 0, ROOT, 0, 0, frame, 1));
        RT_REQUIRE(
            seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, address, seL4_ReadWrite, seL4_X86_Default_VMAttributes));
        RT_EXPECT_EQUAL(*(volatile seL4_Word*)(address + 0x12340), 0);
        *(volatile seL4_Word*)(address + 0x12340) = 0x1234;
        RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));
        // All of it is in use, and free again.
        RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_UntypedObject, bits, ROOT, 0, 0, child, 1));
        RT_REQUIRE(seL4_CNode_Delete(ROOT, child, DEPTH));
        LONG_CALL((seL4_Error)seL4_Untyped_Retype(memory, seL4_X86_LargePageObject, 0, ROOT, 0, 0, frame, 1));
        RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));
    }
    RT_EXPECT(in_calls > 0);
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, memory, DEPTH));
}

enum { cnode_bits = 14 };

/// A CNode of 16384 slots, each with a copy of the same capability.
static seL4_CPtr full_cnode(RtPool* pool, seL4_CPtr memory, seL4_CPtr capability) {
    seL4_CPtr cnode = rt_pool_slot(pool);
    RT_CHECK(seL4_Untyped_Retype(memory, seL4_CapTableObject, cnode_bits, ROOT, 0, 0, cnode, 1));
    for (seL4_Word i = 0; i < 1ul << cnode_bits; i++) {
        RT_CHECK(seL4_CNode_Copy(cnode, i, cnode_bits, ROOT, capability, DEPTH, seL4_AllRights));
    }
    return cnode;
}

static void delete_cnode(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), memory;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, cnode_bits + seL4_SlotBits, &memory));
    start_driver(pool);
    for (int round = 0; round < 50 && in_calls == 0; round++) {
        seL4_CPtr cnode = full_cnode(pool, memory, endpoint);
        LONG_CALL((seL4_Error)seL4_CNode_Delete(ROOT, cnode, DEPTH));
        RT_EXPECT(!slot_is_full(cnode));
        RT_EXPECT(slot_is_full(endpoint));
    }
    RT_EXPECT(in_calls > 0);
}

static void revoke(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), memory;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, cnode_bits + seL4_SlotBits, &memory));
    start_driver(pool);
    for (int round = 0; round < 50 && in_calls == 0; round++) {
        seL4_CPtr cnode = full_cnode(pool, memory, endpoint);
        LONG_CALL((seL4_Error)seL4_CNode_Revoke(ROOT, endpoint, DEPTH));
        for (seL4_Word i = 0; i < 1ul << cnode_bits; i += 1023) {
            RT_REQUIRE(seL4_CNode_Copy(cnode, i, cnode_bits, ROOT, endpoint, DEPTH, seL4_AllRights));  // was empty
        }
        RT_REQUIRE(seL4_CNode_Delete(ROOT, cnode, DEPTH));
    }
    RT_EXPECT(in_calls > 0);
}

static const RtTest tests[] = {
    {"interrupts come while Retype clears memory", retype},
    {"interrupts come while a CNode is deleted", delete_cnode},
    {"interrupts come while Revoke deletes capabilities", revoke},
};

const RtTestGroup long_call_tests = TEST_GROUP(tests);
