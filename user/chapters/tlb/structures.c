/* SPDX-License-Identifier: BSD-2-Clause */
/// Paging structures that go, with all pages that they held.
#include "stale.h"

enum { pages = 5 };

/// Offsets within what a page table, page directory or PDPT covers.
static const seL4_Word offsets[pages] = {0, page_size, 17 * page_size, 300 * page_size, 511 * page_size};

/// Maps frames with values 100 to 104 at the offsets, and makes the processor remember them.
static void map_all(RtPool* pool, seL4_Word first_value, seL4_CPtr* frames) {
    for (seL4_Word i = 0; i < pages; i++) {
        frames[i] = frame_with(pool, first_value + i);
        RT_CHECK(map(frames[i], PLACE + offsets[i], seL4_ReadWrite));
        REMEMBER(PLACE + offsets[i], first_value + i);
    }
}

static void expect_all_forgotten(void) {
    for (seL4_Word i = 0; i < pages; i++) {
        EXPECT_FORGOTTEN(rt_try_read(PLACE + offsets[i]), PLACE + offsets[i], absent_read);
    }
}

static void table_unmapped(RtPool* pool) {
    seL4_CPtr frames[pages];
    Structures made = build(pool, 3);
    map_all(pool, 100, frames);
    RT_REQUIRE(seL4_X86_PageTable_Unmap(made.table));
    expect_all_forgotten();
}

static void directory_unmapped(RtPool* pool) {
    seL4_CPtr frames[pages];
    Structures made = build(pool, 3);
    map_all(pool, 100, frames);
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(made.directory));
    expect_all_forgotten();
}

static void pdpt_unmapped(RtPool* pool) {
    seL4_CPtr frames[pages];
    Structures made = build(pool, 3);
    map_all(pool, 100, frames);
    RT_REQUIRE(seL4_X86_PDPT_Unmap(made.pdpt));
    expect_all_forgotten();
}

static void structures_deleted(RtPool* pool) {
    for (int level = 0; level < 3; level++) {
        seL4_CPtr frames[pages];
        Structures made = build(pool, 3);
        map_all(pool, 100, frames);
        const seL4_CPtr structures[] = {made.table, made.directory, made.pdpt};
        RT_REQUIRE(seL4_CNode_Delete(ROOT, structures[level], DEPTH));
        expect_all_forgotten();
        RT_REQUIRE(rt_pool_reset(pool));
    }
}

/// The structures' memory becomes frames that the program can write. If the processor still walked through them, the
/// program would write its own page tables.
static void memory_of_structures(RtPool* pool) {
    seL4_CPtr memory, table = rt_pool_slot(pool), frame = mint(pool, frame_with(pool, 30), seL4_AllRights, 0);
    build(pool, 2);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X86_PageTableObject, 0, ROOT, 0, 0, table, 1));
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, PLACE, ATTRIBUTES));
    const seL4_Word at = PLACE + 5 * page_size;  // the only page in the table
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    REMEMBER(at, 30);
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, memory, DEPTH));
    EXPECT_FORGOTTEN(rt_try_read(at), at, absent_read);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X86_4K, 0, ROOT, 0, 0, table, 1));
    void* page;
    RT_REQUIRE(rt_pool_map(pool, table, seL4_ReadWrite, &page));
    for (seL4_Word i = 0; i < 512; i++) {
        RT_EXPECT_EQUAL(((volatile seL4_Word*)page)[i], 0);
        ((volatile seL4_Word*)page)[i] = 0x7;  // physical address 0, present, writable, for users
    }
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, absent_read);
    EXPECT_FORGOTTEN(rt_try_read(at), at, absent_read);
}

/// Another page table at the same place: neither pages nor the structures above them are remembered.
static void another_table(RtPool* pool) {
    seL4_CPtr frames[pages];
    Structures made = build(pool, 3);
    map_all(pool, 100, frames);
    RT_REQUIRE(seL4_X86_PageTable_Unmap(made.table));
    RT_REQUIRE(seL4_X86_PageTable_Map(make(pool, seL4_X86_PageTableObject), VSPACE, PLACE, ATTRIBUTES));
    expect_all_forgotten();
    map_all(pool, 200, frames);
    // And the first one again, detached with its pages in it: it comes back empty.
    RT_REQUIRE(seL4_X86_PageTable_Map(made.table, VSPACE, PLACE + (1ul << seL4_LargePageBits), ATTRIBUTES));
    EXPECT_FORGOTTEN(rt_try_read(PLACE + (1ul << seL4_LargePageBits)), PLACE + (1ul << seL4_LargePageBits),
                     absent_read);
}

static void another_directory(RtPool* pool) {
    seL4_CPtr frames[pages];
    Structures made = build(pool, 3);
    map_all(pool, 100, frames);
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(made.directory));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(make(pool, seL4_X86_PageDirectoryObject), VSPACE, PLACE, ATTRIBUTES));
    expect_all_forgotten();
    RT_REQUIRE(seL4_X86_PageTable_Map(make(pool, seL4_X86_PageTableObject), VSPACE, PLACE, ATTRIBUTES));
    expect_all_forgotten();
    map_all(pool, 200, frames);
}

/// From the top, each still holding the next: none of the unmappings further down finds anything to do, and that is
/// right only if the first has forgotten everything.
static void from_the_top(RtPool* pool) {
    seL4_CPtr frames[pages];
    Structures made = build(pool, 3);
    map_all(pool, 100, frames);
    RT_REQUIRE(seL4_X86_PDPT_Unmap(made.pdpt));
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(made.directory));
    RT_REQUIRE(seL4_X86_PageTable_Unmap(made.table));
    for (int i = 0; i < pages; i++) {
        RT_REQUIRE(seL4_X86_Page_Unmap(frames[i]));
    }
    expect_all_forgotten();
    RT_REQUIRE(seL4_X86_PDPT_Map(made.pdpt, VSPACE, PLACE, ATTRIBUTES));
    expect_all_forgotten();
    RT_REQUIRE(seL4_X86_PageDirectory_Map(made.directory, VSPACE, PLACE, ATTRIBUTES));
    expect_all_forgotten();
    RT_REQUIRE(seL4_X86_PageTable_Map(made.table, VSPACE, PLACE, ATTRIBUTES));
    expect_all_forgotten();
}

static const RtTest tests[] = {
    {"unmapping a page table forgets its pages", table_unmapped},
    {"unmapping a page directory forgets the pages below it", directory_unmapped},
    {"unmapping a PDPT forgets the pages below it", pdpt_unmapped},
    {"deleting a paging structure forgets the pages below it", structures_deleted},
    {"a paging structure is forgotten before its memory is reused", memory_of_structures},
    {"another page table at the same place", another_table},
    {"another page directory at the same place", another_directory},
    {"unmapping from the top forgets everything at once", from_the_top},
};

const RtTestGroup structure_tests = TEST_GROUP(tests);
