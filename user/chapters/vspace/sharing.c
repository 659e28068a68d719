/* SPDX-License-Identifier: BSD-2-Clause */
/// Pages and spaces that are shared, and what is left when a space goes (seL4 manual, 7.3 "Sharing Memory").
#include "memory.h"
#include "space.h"

static seL4_Error map_into(seL4_CPtr space, seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_X86_Page_Map(frame, space, address, rights, ATTRIBUTES);
}

static void shared_page(RtPool* pool) {
    Space one, two;
    RT_REQUIRE(space_make(&one, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    RT_REQUIRE(space_make(&two, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    seL4_CPtr frame = make(pool, seL4_X86_4K), copy = mint(pool, frame, seL4_AllRights, 0);
    RT_REQUIRE(map_into(one.pml4, frame, SPACE_DATA, seL4_ReadWrite));
    // One capability, one mapping.
    RT_EXPECT_ERROR(map_into(two.pml4, frame, SPACE_DATA, seL4_ReadWrite), seL4_InvalidCapability, 1);
    RT_REQUIRE(map_into(two.pml4, copy, SPACE_DATA + 8 * 4096, seL4_CanRead));
    EXPECT_SPACE_DONE(space_access(&one, space_write, SPACE_DATA, 0xcafe));
    SpaceOutcome outcome = space_access(&two, space_read, SPACE_DATA + 8 * 4096, 0);
    EXPECT_SPACE_DONE(outcome);
    RT_EXPECT_EQUAL(outcome.value, 0xcafe);
    EXPECT_SPACE_FAULT(space_access(&two, space_write, SPACE_DATA + 8 * 4096, 1), SPACE_DATA + 8 * 4096);
    // Each has its own address and its own end.
    EXPECT_SPACE_FAULT(space_access(&two, space_read, SPACE_DATA, 0), SPACE_DATA);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    EXPECT_SPACE_FAULT(space_access(&one, space_read, SPACE_DATA, 0), SPACE_DATA);
    EXPECT_SPACE_DONE(space_access(&two, space_read, SPACE_DATA + 8 * 4096, 0));
}

static void shared_space(RtPool* pool) {
    Space one, two;
    RT_REQUIRE(space_make(&one, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    RT_REQUIRE(space_make(&two, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    RT_REQUIRE(seL4_TCB_SetSpace(two.tcb, mint(pool, two.faults, seL4_AllRights, 1), ROOT, 0, one.pml4, 0));
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    RT_REQUIRE(map_into(one.pml4, frame, SPACE_DATA, seL4_ReadWrite));
    EXPECT_SPACE_DONE(space_access(&one, space_write, SPACE_DATA, 0xbeef));
    SpaceOutcome outcome = space_access(&two, space_read, SPACE_DATA, 0);
    RT_EXPECT_EQUAL(outcome.value, 0xbeef);
    // A mapping's capability can be copied with its space's; the copy maps, too.
    seL4_CPtr copy = mint(pool, one.pml4, seL4_NoRights, 0), other = make(pool, seL4_X86_4K);
    RT_REQUIRE(map_into(copy, other, SPACE_DATA + 4096, seL4_ReadWrite));
    EXPECT_SPACE_DONE(space_access(&two, space_write, SPACE_DATA + 4096, 1));
    // The space lives until its last capability goes; those of its threads count.
    RT_REQUIRE(seL4_CNode_Delete(ROOT, one.pml4, DEPTH));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, copy, DEPTH));
    EXPECT_SPACE_DONE(space_access(&two, space_write, SPACE_DATA + 4096, 1));
}

static void addresses_of_frames(RtPool* pool) {
    seL4_CPtr memory, small = rt_pool_slot(pool), next = rt_pool_slot(pool), large;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 13, &memory));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X86_4K, 0, ROOT, 0, 0, small, 2));
    seL4_X86_Page_GetAddress_t first = seL4_X86_Page_GetAddress(small), second = seL4_X86_Page_GetAddress(next);
    RT_EXPECT_EQUAL(first.error, seL4_NoError);
    RT_EXPECT_EQUAL(first.paddr % 8192, 0);
    RT_EXPECT_EQUAL(second.paddr, first.paddr + 4096);  // one behind the other, as retyped
    RT_EXPECT_EQUAL(seL4_X86_Page_GetAddress(mint(pool, next, seL4_NoRights, 0)).paddr, second.paddr);
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &large));
    RT_EXPECT_EQUAL(seL4_X86_Page_GetAddress(large).paddr % (1ul << seL4_LargePageBits), 0);
}

/// The space goes, its frames and structures stay, each with the memory of a mapping that is no more.
static void what_a_space_leaves(RtPool* pool) {
    Space old, fresh;
    RT_REQUIRE(space_make(&old, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    RT_REQUIRE(map_into(old.pml4, frame, SPACE_DATA, seL4_ReadWrite));
    EXPECT_SPACE_DONE(space_access(&old, space_write, SPACE_DATA, 0xfeed));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, old.tcb, DEPTH));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, old.pml4, DEPTH));
    // Another space, which may have got the same identifier.
    seL4_CPtr between = make(pool, seL4_X64_PML4Object);
    RT_REQUIRE(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, between));
    RT_REQUIRE(space_make(&fresh, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    RT_REQUIRE(seL4_X86_PageTable_Unmap(fresh.table));
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(fresh.directory));
    RT_REQUIRE(seL4_X86_PDPT_Unmap(fresh.pdpt));
    // The old structures are unmapped first, from nowhere, and then serve the new space; they come empty.
    RT_EXPECT_ERROR(seL4_X86_PDPT_Map(old.pdpt, fresh.pml4, SPACE_DATA, ATTRIBUTES), seL4_InvalidCapability, 0);
    RT_EXPECT_ERROR(map_into(fresh.pml4, frame, SPACE_DATA, seL4_ReadWrite), seL4_InvalidCapability, 1);
    RT_REQUIRE(seL4_X86_PDPT_Unmap(old.pdpt));
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(old.directory));
    RT_REQUIRE(seL4_X86_PageTable_Unmap(old.table));
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    RT_REQUIRE(seL4_X86_PDPT_Map(old.pdpt, fresh.pml4, SPACE_DATA, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(old.directory, fresh.pml4, SPACE_DATA, ATTRIBUTES));
    RT_REQUIRE(seL4_X86_PageTable_Map(old.table, fresh.pml4, SPACE_DATA, ATTRIBUTES));
    EXPECT_SPACE_FAULT(space_access(&fresh, space_read, SPACE_DATA, 0), SPACE_CODE);  // not even the code is there
    RT_REQUIRE(seL4_X86_Page_Unmap(fresh.code));
    RT_REQUIRE(map_into(fresh.pml4, fresh.code, SPACE_CODE, seL4_CanRead));
    EXPECT_SPACE_FAULT(space_access(&fresh, space_read, SPACE_DATA, 0), SPACE_DATA);
    RT_REQUIRE(map_into(fresh.pml4, frame, SPACE_DATA, seL4_ReadWrite));
    SpaceOutcome outcome = space_access(&fresh, space_read, SPACE_DATA, 0);
    RT_EXPECT_EQUAL(outcome.value, 0xfeed);
}

/// The cache attributes change nothing that a program can see on this machine; mapping again with others is allowed.
static void attributes(RtPool* pool) {
    const seL4_X86_VMAttributes all[] = {seL4_X86_WriteBack, seL4_X86_WriteThrough, seL4_X86_CacheDisabled,
                                         seL4_X86_Uncacheable, seL4_X86_WriteCombining};
    seL4_CPtr small = make(pool, seL4_X86_4K), large;
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &large));
    const seL4_Word at = place(pool), large_at = at + (1ul << seL4_LargePageBits);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        RT_REQUIRE(seL4_X86_Page_Map(small, VSPACE, at, seL4_ReadWrite, all[i]));
        RT_REQUIRE(seL4_X86_Page_Map(large, VSPACE, large_at, seL4_ReadWrite, all[i]));
        RT_EXPECT_EQUAL(*(volatile seL4_Word*)at, i);
        RT_EXPECT_EQUAL(*(volatile seL4_Word*)(large_at + 0x12340), i);
        *(volatile seL4_Word*)at = i + 1;
        *(volatile seL4_Word*)(large_at + 0x12340) = i + 1;
    }
    // Structures take them too.
    RT_REQUIRE(seL4_X86_PageTable_Map(make(pool, seL4_X86_PageTableObject), VSPACE,
                                      large_at + (1ul << seL4_LargePageBits), seL4_X86_CacheDisabled));
}

/// What a page may be used for is what both the capability and the request allow.
static void rights(RtPool* pool) {
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    const seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    for (unsigned of_cap = 0; of_cap < 4; of_cap++) {
        seL4_CPtr copy = mint(pool, frame, seL4_CapRights_new(1, 1, of_cap & 1, of_cap >> 1), 0);
        for (unsigned asked = 0; asked < 4; asked++) {
            RT_REQUIRE(map(copy, at, seL4_CapRights_new(1, 1, asked & 1, asked >> 1)));
            bool reads = (of_cap & asked & 1) != 0, writes = reads && (of_cap & asked & 2) != 0;
            RT_EXPECT(rt_try_read(at).faulted == !reads);
            RT_EXPECT(rt_try_write(at, 1).faulted == !writes);
        }
        RT_REQUIRE(seL4_X86_Page_Unmap(copy));
    }
}

static const RtTest tests[] = {
    {"a page in two address spaces", shared_page},
    {"an address space of two threads", shared_space},
    {"the physical addresses of frames", addresses_of_frames},
    {"what is left of a space serves another one", what_a_space_leaves},
    {"cache attributes", attributes},
    {"the rights of capability and request", rights},
};

const RtTestGroup sharing_tests = TEST_GROUP(tests);
