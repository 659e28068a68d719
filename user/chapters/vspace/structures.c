/* SPDX-License-Identifier: BSD-2-Clause */
/// Paging structures: Map and Unmap (seL4 manual, 7.1.1 "Hardware Virtual Memory Objects").
#include "memory.h"

#include <sel4/arch/invocation.h>
#include <sel4/arch/mapping.h>
#include <sel4/sel4_arch/invocation.h>

static void structures_are_mapped_once(RtPool* pool) {
    seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    seL4_CPtr table = make(pool, seL4_X86_PageTableObject), directory = make(pool, seL4_X86_PageDirectoryObject);
    seL4_CPtr pdpt = make(pool, seL4_X86_PDPTObject);
    RT_EXPECT_ERROR(seL4_X86_PDPT_Map(pdpt, VSPACE, at, ATTRIBUTES), seL4_DeleteFirst);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES), seL4_DeleteFirst);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES), seL4_DeleteFirst);
    // Addresses are rounded down to what the structure covers.
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at + (1ul << seL4_LargePageBits) + 0x12345, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, VSPACE, at + (1ul << seL4_HugePageBits) + 0x12345, ATTRIBUTES));
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, VSPACE, at + (2ul << seL4_LargePageBits), ATTRIBUTES),
                    seL4_InvalidCapability, 0);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Map(directory, VSPACE, at + (2ul << seL4_HugePageBits), ATTRIBUTES),
                    seL4_InvalidCapability, 0);
}

static void structure_errors(RtPool* pool) {
    seL4_CPtr table = make(pool, seL4_X86_PageTableObject), directory = make(pool, seL4_X86_PageDirectoryObject);
    seL4_CPtr pdpt = make(pool, seL4_X86_PDPTObject), unassigned = make(pool, seL4_X64_PML4Object);
    const seL4_Word kernel = 0xffff800000000000;
    RT_EXPECT_ERROR(seL4_X86_PDPT_Map(pdpt, ROOT, 0, ATTRIBUTES), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Map(directory, ROOT, 0, ATTRIBUTES), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, ROOT, 0, ATTRIBUTES), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(seL4_X86_PDPT_Map(pdpt, unassigned, 0, ATTRIBUTES), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(seL4_X86_PDPT_Map(pdpt, VSPACE, kernel, ATTRIBUTES), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Map(directory, VSPACE, kernel, ATTRIBUTES), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, VSPACE, kernel, ATTRIBUTES), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(invoke(pdpt, X86PDPTMap, CAPS(VSPACE), WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(pdpt, X86PDPTMap, NO_CAPS, WORDS(0, 0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(directory, X86PageDirectoryMap, CAPS(VSPACE), WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(table, X86PageTableMap, NO_CAPS, WORDS(0, 0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(pdpt, X86PageTableMap, CAPS(VSPACE), WORDS(0, 0)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(directory, X86PDPTMap, CAPS(VSPACE), WORDS(0, 0)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(table, X86PageMap, CAPS(VSPACE), WORDS(0, 0)), seL4_IllegalOperation);
}

static void structures_are_unmapped(RtPool* pool) {
    seL4_Word at = pool->base;  // nothing mapped there before
    seL4_CPtr table = make(pool, seL4_X86_PageTableObject), directory = make(pool, seL4_X86_PageDirectoryObject);
    seL4_CPtr pdpt = make(pool, seL4_X86_PDPTObject), frame = make(pool, seL4_X86_4K);
    RT_REQUIRE(seL4_X86_PDPT_Map(pdpt, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    *(volatile seL4_Word*)at = 0xeb;
    // Unmapping a structure needs its only capability.
    seL4_CPtr other = mint(pool, table, seL4_AllRights, 0);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Unmap(table), seL4_RevokeFirst);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, other, DEPTH));
    other = mint(pool, directory, seL4_AllRights, 0);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Unmap(directory), seL4_RevokeFirst);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, other, DEPTH));
    other = mint(pool, pdpt, seL4_AllRights, 0);
    RT_EXPECT_ERROR(seL4_X86_PDPT_Unmap(pdpt), seL4_RevokeFirst);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, other, DEPTH));

    RT_REQUIRE(seL4_X86_PageTable_Unmap(table));  // its entries go with it
    RT_EXPECT_ERROR(map(frame, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PT);
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    RT_EXPECT_EQUAL(*(volatile seL4_Word*)at, 0xeb);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    RT_REQUIRE(seL4_X86_PageTable_Unmap(table));
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(directory));
    RT_REQUIRE(seL4_X86_PDPT_Unmap(pdpt));
    RT_REQUIRE(seL4_X86_PDPT_Unmap(pdpt));  // is not mapped already
    RT_EXPECT_ERROR(map(frame, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PDPT);
}

/// Structures unmapped from the top, while those below are still in use by them.
static void teardown_from_the_top(RtPool* pool) {
    seL4_Word at = pool->base;
    seL4_CPtr table = make(pool, seL4_X86_PageTableObject), directory = make(pool, seL4_X86_PageDirectoryObject);
    seL4_CPtr pdpt = make(pool, seL4_X86_PDPTObject), frame = make(pool, seL4_X86_4K);
    RT_REQUIRE(seL4_X86_PDPT_Map(pdpt, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    *(volatile seL4_Word*)at = 1;
    RT_REQUIRE(seL4_X86_PDPT_Unmap(pdpt));
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(directory));
    RT_REQUIRE(seL4_X86_PageTable_Unmap(table));
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    // All can be used again, and what they mapped before does not show.
    RT_REQUIRE(seL4_X86_PDPT_Map(pdpt, VSPACE, at, ATTRIBUTES));
    RT_EXPECT_ERROR(map(frame, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PD);
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    RT_EXPECT_EQUAL(*(volatile seL4_Word*)at, 1);
}

static const RtTest tests[] = {
    {"a paging structure is mapped once", structures_are_mapped_once},
    {"paging structures refuse bad arguments", structure_errors},
    {"paging structures are unmapped", structures_are_unmapped},
    {"paging structures unmapped from the top", teardown_from_the_top},
};

const RtTestGroup structure_tests = TEST_GROUP(tests);
