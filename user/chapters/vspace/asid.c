/* SPDX-License-Identifier: BSD-2-Clause */
/// Address space identifiers: ASID control and ASID pools (seL4 manual, 7.1.3 and 7.1.4).
#include "memory.h"
#include "space.h"

#include <sel4/arch/invocation.h>

enum { identifiers = 1 << seL4_ASIDPoolIndexBits };

static seL4_Error make_pool(seL4_CPtr memory, seL4_CPtr slot) {
    return (seL4_Error)seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, memory, ROOT, slot, DEPTH);
}

static seL4_Error assign(seL4_CPtr pool, seL4_CPtr space) { return (seL4_Error)seL4_X86_ASIDPool_Assign(pool, space); }

static seL4_CPtr untyped(RtPool* pool, seL4_Word bits) {
    seL4_CPtr memory;
    RT_CHECK(rt_pool_retype(pool, seL4_UntypedObject, bits, &memory));
    return memory;
}

static seL4_CPtr new_pool(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_CHECK(make_pool(untyped(pool, seL4_ASIDPoolBits), slot));
    return slot;
}

static void make_pool_errors(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool), full = make(pool, seL4_EndpointObject);
    seL4_CPtr memory = untyped(pool, seL4_ASIDPoolBits), used = untyped(pool, seL4_ASIDPoolBits);
    RT_EXPECT_ERROR(make_pool(untyped(pool, seL4_ASIDPoolBits + 1), slot), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(make_pool(untyped(pool, seL4_ASIDPoolBits - 1), slot), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(make_pool(make(pool, seL4_X86_4K), slot), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(make_pool(rt_pool_slot(pool), slot), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(make_pool(memory, full), seL4_DeleteFirst);
    RT_EXPECT_ERROR(make_pool(memory, ~0ul), seL4_FailedLookup, 0, seL4_GuardMismatch);
    RT_EXPECT_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, memory, full, slot, DEPTH), seL4_FailedLookup, 0,
                    seL4_InvalidRoot);
    RT_REQUIRE(seL4_Untyped_Retype(used, seL4_EndpointObject, 0, ROOT, 0, 0, rt_pool_slot(pool), 1));
    RT_EXPECT_ERROR(make_pool(used, slot), seL4_RevokeFirst);
    RT_EXPECT_ERROR(invoke(seL4_CapASIDControl, X86ASIDControlMakePool, CAPS(memory, ROOT), WORDS(slot)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(seL4_CapASIDControl, X86ASIDControlMakePool, CAPS(memory), WORDS(slot, DEPTH)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(seL4_CapASIDControl, X86ASIDPoolAssign, CAPS(memory, ROOT), WORDS(slot, DEPTH)),
                    seL4_IllegalOperation);
    seL4_CPtr device = boot_untyped(true, 16), page = rt_pool_slot(pool);
    if (device != seL4_CapNull) {
        RT_REQUIRE(seL4_Untyped_Retype(device, seL4_UntypedObject, seL4_ASIDPoolBits, ROOT, 0, 0, page, 1));
        RT_EXPECT_ERROR(make_pool(page, slot), seL4_InvalidCapability, 1);
        RT_REQUIRE(seL4_CNode_Delete(ROOT, page, DEPTH));
    }
    RT_REQUIRE(make_pool(memory, slot));
    // The memory is used up; the pool is its child.
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, rt_pool_slot(pool), 1),
                    seL4_NotEnoughMemory, 0);
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, memory, DEPTH));
    RT_EXPECT(!slot_is_full(slot));
}

static void assign_errors(RtPool* pool) {
    seL4_CPtr asids = new_pool(pool), space = make(pool, seL4_X64_PML4Object);
    RT_EXPECT_ERROR(assign(asids, make(pool, seL4_X86_PDPTObject)), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(assign(asids, rt_pool_slot(pool)), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(invoke(asids, X86ASIDPoolAssign, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(asids, X86ASIDControlMakePool, CAPS(space), NO_WORDS), seL4_IllegalOperation);
    RT_REQUIRE(assign(asids, space));
    RT_EXPECT_ERROR(assign(asids, space), seL4_InvalidCapability, 1);  // one identifier is enough
    RT_EXPECT_ERROR(assign(seL4_CapInitThreadASIDPool, space), seL4_InvalidCapability, 1);
}

/// A pool has room for 512 spaces; each that goes makes room for another.
static void a_full_pool(RtPool* pool) {
    seL4_CPtr asids = new_pool(pool), spaces[2], last = make(pool, seL4_X64_PML4Object);
    for (int half = 0; half < 2; half++) {
        RT_REQUIRE(rt_pool_retype_many(pool, seL4_X64_PML4Object, 0, identifiers / 2, &spaces[half]));
        for (seL4_Word i = 0; i < identifiers / 2; i++) {
            RT_REQUIRE(assign(asids, spaces[half] + i));
        }
    }
    RT_EXPECT_ERROR(assign(asids, last), seL4_DeleteFirst);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, spaces[1] + 77, DEPTH));
    RT_REQUIRE(assign(asids, last));
}

static void identifiers_return(RtPool* pool) {
    seL4_CPtr asids = new_pool(pool), memory = untyped(pool, seL4_PML4Bits), slot = rt_pool_slot(pool);
    for (int i = 0; i < identifiers + 100; i++) {
        RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X64_PML4Object, 0, ROOT, 0, 0, slot, 1));
        RT_REQUIRE(assign(asids, slot));
        RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
    }
}

/// Without its pool a space has no identifier: nothing can be mapped, and its threads fault.
static void deleted_pool(RtPool* pool) {
    seL4_CPtr asids = new_pool(pool), copy = rt_pool_slot(pool), frame = make(pool, seL4_X86_4K);
    Space space;
    RT_REQUIRE(space_make(&space, pool, asids, seL4_CapNull));
    RT_REQUIRE(seL4_CNode_Copy(ROOT, copy, DEPTH, ROOT, asids, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, asids, DEPTH));
    RT_REQUIRE(seL4_X86_Page_Map(frame, space.pml4, SPACE_DATA, seL4_ReadWrite, ATTRIBUTES));
    EXPECT_SPACE_DONE(space_access(&space, space_read, SPACE_DATA, 0));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, copy, DEPTH));
    EXPECT_SPACE_FAULT(space_access(&space, space_read, SPACE_DATA, 0), SPACE_CODE);
    seL4_CPtr other = make(pool, seL4_X86_4K);
    RT_EXPECT_ERROR(seL4_X86_Page_Map(other, space.pml4, SPACE_DATA, seL4_ReadWrite, ATTRIBUTES), seL4_FailedLookup, 0,
                    seL4_InvalidRoot);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(make(pool, seL4_X86_PageTableObject), space.pml4, SPACE_DATA, ATTRIBUTES),
                    seL4_FailedLookup, 0, seL4_InvalidRoot);
    RT_EXPECT_ERROR(
        seL4_X86_PageDirectory_Map(make(pool, seL4_X86_PageDirectoryObject), space.pml4, SPACE_DATA, ATTRIBUTES),
        seL4_FailedLookup, 0, seL4_InvalidRoot);
    RT_EXPECT_ERROR(seL4_X86_PDPT_Map(make(pool, seL4_X86_PDPTObject), space.pml4, SPACE_DATA, ATTRIBUTES),
                    seL4_FailedLookup, 0, seL4_InvalidRoot);
    // Unmapping is no error, though there is nothing to unmap from.
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    RT_REQUIRE(seL4_X86_PageTable_Unmap(space.table));
    RT_REQUIRE(rt_pool_prepare_address(pool, place(pool)));
    RT_REQUIRE(map(frame, place(pool), seL4_ReadWrite));
}

/// Pools of one's own, each with spaces that work.
static void several_pools(RtPool* pool) {
    for (seL4_Word i = 0; i < 4; i++) {
        Space space;
        RT_REQUIRE(space_make(&space, pool, new_pool(pool), seL4_CapNull));
        seL4_CPtr frame = make(pool, seL4_X86_4K);
        RT_REQUIRE(seL4_X86_Page_Map(frame, space.pml4, SPACE_DATA, seL4_ReadWrite, ATTRIBUTES));
        EXPECT_SPACE_DONE(space_access(&space, space_write, SPACE_DATA, 0x10 + i));
        SpaceOutcome outcome = space_access(&space, space_read, SPACE_DATA, 0);
        RT_EXPECT_EQUAL(outcome.value, 0x10 + i);
    }
}

static const RtTest tests[] = {
    {"MakePool refuses bad arguments", make_pool_errors},
    {"Assign refuses bad arguments", assign_errors},
    {"a pool has 512 identifiers", a_full_pool},
    {"a deleted space gives its identifier back", identifiers_return},
    {"a space whose pool is deleted", deleted_pool},
    {"pools of one's own", several_pools},
};

const RtTestGroup asid_tests = TEST_GROUP(tests);
