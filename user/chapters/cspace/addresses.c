/* SPDX-License-Identifier: BSD-2-Clause */
/// The example of the seL4 manual, 3.3.2 "Addressing Capabilities", with addresses of 64 bits: a CNode with a guard of
/// four bits and 256 slots, another such one below it, and one without guard below that.
#include "cnode.h"

static const seL4_Word cap_a = 0x0600000000000000, cap_b = 0x00f0600000000000, cap_c = 0x00f0006000000000;
/// The last bit of an address that the third CNode resolves.
#define STEP (1ul << 32)

typedef struct {
    seL4_CPtr first, second, third;  ///< the CNodes, by capabilities without guard in the root CNode
    seL4_CPtr space;                 ///< the first with its guard
    seL4_CPtr endpoint;
} Example;

static seL4_Word guard(seL4_Word value, seL4_Word bits) { return seL4_CNode_CapData_new(value, bits).words[0]; }

/// Caps A to G are badged capabilities to one endpoint; the badge is the letter.
static Example make_example(RtPool* pool) {
    Example e = {make_cnode(pool, 8), make_cnode(pool, 8), make_cnode(pool, 8), 0, make(pool, seL4_EndpointObject)};
    e.space = mint(pool, e.first, seL4_AllRights, guard(0, 4));
    RT_CHECK(seL4_CNode_Mint(e.first, 0x0f, 8, ROOT, e.second, DEPTH, seL4_AllRights, guard(0, 4)));
    RT_CHECK(seL4_CNode_Copy(e.second, 0x00, 8, ROOT, e.third, DEPTH, seL4_AllRights));
    RT_CHECK(seL4_CNode_Mint(e.first, 0x60, 8, ROOT, e.endpoint, DEPTH, seL4_AllRights, 'A'));
    RT_CHECK(seL4_CNode_Mint(e.second, 0x60, 8, ROOT, e.endpoint, DEPTH, seL4_AllRights, 'B'));
    for (seL4_Word i = 0; i < 5; i++) {
        RT_CHECK(seL4_CNode_Mint(e.third, 0x60 + i, 8, ROOT, e.endpoint, DEPTH, seL4_AllRights, 'C' + i));
    }
    return e;
}

static void send_to(seL4_Word address) {
    seL4_Send(address, seL4_MessageInfo_new(0, 0, 0, 0));
    __builtin_trap();  // the thread has no capability to suspend itself with
}

/// A thread whose capability space the example is sends to `address`. Returns the badge that arrives; 0 and the fault's
/// lookup failure if it faults instead.
static seL4_Word send(const Example* e, RtPool* pool, seL4_Word address, RtFault* fault) {
    static RtThread thread;
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    RT_CHECK(rt_thread_create(&thread, pool, seL4_CapNull, above));
    // The handler must be in the thread's own space.
    RT_CHECK(seL4_CNode_Delete(e->first, 0xff, 8));
    RT_CHECK(seL4_CNode_Mint(e->first, 0xff, 8, ROOT, faults, DEPTH, seL4_AllRights, 1));
    RT_CHECK(seL4_TCB_Configure(thread.tcb, 0x0fful << 52, e->first, guard(0, 4), seL4_CapInitThreadVSpace, 0,
                                (seL4_Word)thread.ipc_buffer, thread.ipc_buffer_frame));
    RT_CHECK(rt_thread_start(&thread, send_to, address));
    seL4_Word badge = 0, faulted = 0;
    seL4_NBRecv(e->endpoint, &badge);
    seL4_MessageInfo_t info = seL4_NBRecv(faults, &faulted);
    if (faulted != 0) {
        rt_fault_read(fault, info);
    }
    return badge;
}

static void caps_a_to_g(RtPool* pool) {
    Example e = make_example(pool);
    RtFault fault;
    RT_EXPECT_EQUAL(send(&e, pool, cap_a, &fault), 'A');
    RT_EXPECT_EQUAL(send(&e, pool, cap_b, &fault), 'B');
    for (seL4_Word i = 0; i < 5; i++) {
        RT_EXPECT_EQUAL(send(&e, pool, cap_c + i * STEP, &fault), 'C' + i);
    }
    // What is behind the resolved bits does not matter.
    RT_EXPECT_EQUAL(send(&e, pool, cap_a | 0x000fffffffffffff, &fault), 'A');
    RT_EXPECT_EQUAL(send(&e, pool, cap_b | 0x0000002345678901, &fault), 'B');
    RT_EXPECT_EQUAL(send(&e, pool, cap_c | 0x00000000ffffffff, &fault), 'C');
}

#define EXPECT_LOOKUP_FAULT(address, ...)                                                   \
    do {                                                                                    \
        RtFault fault = {0};                                                                \
        const seL4_Word expected[] = {__VA_ARGS__};                                         \
        RT_EXPECT_EQUAL(send(&e, pool, address, &fault), 0);                                \
        RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);                                  \
        RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], address);                          \
        for (size_t w = 0; w < sizeof expected / sizeof *expected; w++) {                   \
            RT_EXPECT_EQUAL(fault.words[seL4_CapFault_LookupFailureType + w], expected[w]); \
        }                                                                                   \
    } while (0)

static void wrong_addresses(RtPool* pool) {
    Example e = make_example(pool);
    EXPECT_LOOKUP_FAULT(cap_a | 1ul << 63, seL4_GuardMismatch, 64, 0, 4);
    EXPECT_LOOKUP_FAULT(cap_b | 1ul << 48, seL4_GuardMismatch, 52, 0, 4);
}

/// CNode methods take a depth: as many bits as lead to the slot, and no more.
static void cnodes_by_depth(RtPool* pool) {
    Example e = make_example(pool);
    seL4_CPtr slot = rt_pool_slot(pool);
    // The capability to the second CNode is at 0x00f, 12 bits deep; what is above these bits is ignored.
    RT_EXPECT_ERROR(seL4_CNode_Move(e.space, 0x00f, 12, e.space, 0x00f, 12), seL4_DeleteFirst);
    RT_REQUIRE(seL4_CNode_Copy(ROOT, slot, DEPTH, e.space, 0xabcde00f, 12, seL4_AllRights));
    // A copy keeps the guard.
    RT_EXPECT_ERROR(seL4_CNode_Move(slot, 0x160, 12, slot, 0x060, 12), seL4_FailedLookup, 0, seL4_GuardMismatch, 12, 0,
                    4);
    RT_EXPECT_ERROR(seL4_CNode_Move(slot, 0x060, 12, slot, 0x060, 12), seL4_DeleteFirst);
    // The third is at 0x00f000, 24 bits deep, and cap C at 0x00f00060, 32 bits deep.
    RT_EXPECT_ERROR(seL4_CNode_Move(e.space, 0xff00f000, 24, e.space, 0x00f000, 24), seL4_DeleteFirst);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
    RT_REQUIRE(seL4_CNode_Move(ROOT, slot, DEPTH, e.space, 0x00f00060, 32));
    RT_REQUIRE(seL4_CNode_Move(e.third, 0x60, 8, ROOT, slot, DEPTH));
    // Between two levels there is nothing.
    RT_EXPECT_ERROR(seL4_CNode_Delete(e.space, 0x00f0, 16), seL4_FailedLookup, 0, seL4_DepthMismatch, 4, 12);
    RT_EXPECT_ERROR(seL4_CNode_Delete(e.space, 0x00f00, 20), seL4_FailedLookup, 0, seL4_DepthMismatch, 8, 12);
    RT_EXPECT_ERROR(seL4_CNode_Delete(e.space, 0x00f0006, 28), seL4_FailedLookup, 0, seL4_DepthMismatch, 4, 8);
    // Below a capability that is no CNode, too.
    RT_EXPECT_ERROR(seL4_CNode_Delete(e.space, 0x0600, 16), seL4_FailedLookup, 0, seL4_DepthMismatch, 4, 0);
}

/// A range of slots: a first one and a number.
static void ranges(RtPool* pool) {
    Example e = make_example(pool);
    seL4_CPtr memory;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    // The CNode is named by its address and depth within the space, the range by its first slot.
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, e.space, 0x00f000, 24, 0x5e, 3),
                    seL4_DeleteFirst);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, e.space, 0x00f000, 24, 0x5b, 5));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, e.space, 0x00f000, 24, 0xfb, 5));
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, e.space, 0x00f000, 24, 0xf0, 17),
                    seL4_RangeError, 1, 16);
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, e.space, 0x060, 12, 0, 1), seL4_FailedLookup, 0,
                    seL4_MissingCapability, 12);
}

/// A CNode may be reached through itself; each round resolves bits.
static void circular(RtPool* pool) {
    Example e = make_example(pool);
    RT_REQUIRE(seL4_CNode_Mint(e.third, 0x01, 8, ROOT, e.first, DEPTH, seL4_AllRights, guard(0, 4)));
    RtFault fault;
    // 00f 00 01: the first again, and there cap A; or once more down to cap C.
    RT_EXPECT_EQUAL(send(&e, pool, 0x00f0000106000000, &fault), 'A');
    RT_EXPECT_EQUAL(send(&e, pool, 0x00f0000100f00062, &fault), 'E');
    // At its end an address may stop at a CNode. As something to send to, that is not there.
    RT_EXPECT_ERROR(seL4_CNode_Move(e.space, 0x00f0000100f00001, 64, e.space, 0x00f0000100f00001, 64),
                    seL4_DeleteFirst);
}

static const RtTest tests[] = {
    {"the capabilities A to G of the manual's example", caps_a_to_g},
    {"addresses whose bits do not match a guard", wrong_addresses},
    {"CNodes and slots addressed with a depth", cnodes_by_depth},
    {"ranges of slots", ranges},
    {"a CNode that is reached through itself", circular},
};

const RtTestGroup address_tests = TEST_GROUP(tests);
