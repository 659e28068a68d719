/* SPDX-License-Identifier: BSD-2-Clause */
/// Whole address spaces that go, and their identifiers.
#include "space.h"
#include "stale.h"

#include <sel4/arch/invocation.h>
#include <sel4/invocation.h>

static seL4_Error map_into(const Space* space, seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_X86_Page_Map(frame, space->pml4, address, rights, ATTRIBUTES);
}

static void another_space(RtPool* pool) {
    Space space;
    RT_REQUIRE(space_make(&space, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    seL4_CPtr frame = frame_with(pool, 70);
    RT_REQUIRE(map_into(&space, frame, SPACE_DATA, seL4_ReadWrite));
    SpaceOutcome outcome = space_access(&space, space_read, SPACE_DATA, 0);
    EXPECT_SPACE_DONE(outcome);
    RT_EXPECT_EQUAL(outcome.value, 70);
    RT_REQUIRE(map_into(&space, frame, SPACE_DATA, seL4_CanRead));
    EXPECT_SPACE_FAULT(space_access(&space, space_write, SPACE_DATA, 71), SPACE_DATA);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    EXPECT_SPACE_FAULT(space_access(&space, space_read, SPACE_DATA, 0), SPACE_DATA);
}

/// Spaces that come and go take each other's identifiers and addresses, not their pages.
static void identifiers_used_again(RtPool* pool) {
    for (seL4_Word round = 0; round < 8; round++) {
        Space space;
        RT_REQUIRE(space_make(&space, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
        EXPECT_SPACE_FAULT(space_access(&space, space_read, SPACE_DATA + round % 2 * page_size, 0),
                           SPACE_DATA + round % 2 * page_size);
        seL4_CPtr frame = frame_with(pool, 80 + round);
        RT_REQUIRE(map_into(&space, frame, SPACE_DATA + round % 2 * page_size, seL4_ReadWrite));
        SpaceOutcome outcome = space_access(&space, space_read, SPACE_DATA + round % 2 * page_size, 0);
        EXPECT_SPACE_DONE(outcome);
        RT_EXPECT_EQUAL(outcome.value, 80 + round);
        RT_REQUIRE(rt_pool_reset(pool));
    }
}

/// A thread takes its own address space away: its next instruction is not there any more.
static void deleting_the_own_pool(RtPool* pool) {
    seL4_CPtr memory, asids = rt_pool_slot(pool);
    Space space;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, seL4_ASIDPoolBits, &memory));
    RT_REQUIRE(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, memory, ROOT, asids, DEPTH));
    RT_REQUIRE(space_make(&space, pool, asids, seL4_CapNull));
    SpaceOutcome outcome = space_invoke(&space, ROOT, CNodeDelete, rt_pool_slot(pool), DEPTH);
    EXPECT_SPACE_DONE(outcome);  // that slot was empty
    RT_EXPECT_EQUAL(outcome.value, seL4_NoError);
    outcome = space_invoke(&space, ROOT, CNodeDelete, asids, DEPTH);
    RT_EXPECT_EQUAL(outcome.fault.label, seL4_Fault_VMFault);
    RT_EXPECT(outcome.fault.words[seL4_VMFault_Addr] - SPACE_CODE < page_size);
    RT_EXPECT_EQUAL(outcome.value, seL4_NoError);
    RT_EXPECT(!slot_is_full(asids));
}

static void deleting_the_own_root(RtPool* pool) {
    seL4_CPtr memory, root = rt_pool_slot(pool);
    Space space;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, seL4_PML4Bits, &memory));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X64_PML4Object, 0, ROOT, 0, 0, root, 1));
    RT_REQUIRE(space_make(&space, pool, seL4_CapInitThreadASIDPool, root));
    // Revoking the memory deletes the PML4 and with it the thread's capability to it.
    SpaceOutcome outcome = space_invoke(&space, ROOT, CNodeRevoke, memory, DEPTH);
    RT_EXPECT_EQUAL(outcome.fault.label, seL4_Fault_VMFault);
    RT_EXPECT(outcome.fault.words[seL4_VMFault_Addr] - SPACE_CODE < page_size);
    RT_EXPECT_EQUAL(outcome.value, seL4_NoError);
    RT_EXPECT(!slot_is_full(root));
    // The memory is free for something else while the thread is still there.
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X86_4K, 0, ROOT, 0, 0, root, 1));
    EXPECT_SPACE_FAULT(space_access(&space, space_read, SPACE_CODE, 0), SPACE_CODE);
}

/// The code that a thread runs is unmapped by the thread itself.
static void unmapping_the_own_code(RtPool* pool) {
    Space space;
    RT_REQUIRE(space_make(&space, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    SpaceOutcome outcome = space_invoke(&space, ROOT, CNodeDelete, space.code, DEPTH);
    RT_EXPECT_EQUAL(outcome.fault.label, seL4_Fault_VMFault);
    RT_EXPECT(outcome.fault.words[seL4_VMFault_Addr] - SPACE_CODE < page_size);
    RT_REQUIRE(rt_pool_reset(pool));
    RT_REQUIRE(space_make(&space, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    outcome = space_invoke(&space, space.table, X86PageTableUnmap, 0, 0);
    RT_EXPECT_EQUAL(outcome.fault.label, seL4_Fault_VMFault);
    RT_EXPECT_EQUAL(outcome.value, seL4_NoError);
}

static const RtTest tests[] = {
    {"pages of an address space in which the test does not run", another_space},
    {"address spaces that take over each other's identifiers", identifiers_used_again},
    {"a thread that deletes the ASID pool of its address space", deleting_the_own_pool},
    {"a thread that deletes the root of its address space", deleting_the_own_root},
    {"a thread that unmaps its own code", unmapping_the_own_code},
};

const RtTestGroup space_tests = TEST_GROUP(tests);
