/* SPDX-License-Identifier: BSD-2-Clause */
/// Pages of 2 MiB and 1 GiB.
#include "stale.h"

#define LARGE (1ul << seL4_LargePageBits)

static const seL4_Word offsets[] = {0, page_size, LARGE / 2, LARGE - sizeof(seL4_Word)};
enum { places = sizeof offsets / sizeof *offsets };

static seL4_CPtr large_frame(RtPool* pool) {
    seL4_CPtr frame;
    RT_CHECK(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &frame));
    return frame;
}

/// Writes one value after the other to all offsets.
static void write_all(seL4_Word first_value) {
    for (seL4_Word i = 0; i < places; i++) {
        RT_EXPECT(!rt_try_write(PLACE + offsets[i], first_value + i).faulted);
        REMEMBER(PLACE + offsets[i], first_value + i);
    }
}

static void expect_forgotten(seL4_Word status) {
    for (int i = 0; i < places; i++) {
        RtAccess access = status & 2 ? rt_try_write(PLACE + offsets[i], 0) : rt_try_read(PLACE + offsets[i]);
        EXPECT_FORGOTTEN(access, PLACE + offsets[i], status);
    }
}

static void unmapped(RtPool* pool) {
    build(pool, 2);
    seL4_CPtr frame = large_frame(pool);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    write_all(40);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    expect_forgotten(absent_read);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    write_all(50);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));
    expect_forgotten(absent_read);
}

static void fewer_rights(RtPool* pool) {
    build(pool, 2);
    seL4_CPtr frame = large_frame(pool);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    write_all(40);
    RT_REQUIRE(map(frame, PLACE, seL4_CanRead));
    expect_forgotten(forbidden_write);
    REMEMBER(PLACE + offsets[2], 42);
    RT_REQUIRE(map(frame, PLACE, seL4_NoRights));
    expect_forgotten(forbidden_read);
}

static void replaced(RtPool* pool) {
    build(pool, 2);
    seL4_CPtr first = large_frame(pool), other = large_frame(pool);
    RT_REQUIRE(map(first, PLACE, seL4_ReadWrite));
    write_all(40);
    RT_REQUIRE(map(other, PLACE, seL4_ReadWrite));
    for (int i = 0; i < places; i++) {
        REMEMBER(PLACE + offsets[i], 0);
    }
}

/// A page table with small pages where a large page was.
static void into_small_pages(RtPool* pool) {
    build(pool, 2);
    seL4_CPtr frame = large_frame(pool), table = make(pool, seL4_X86_PageTableObject);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    write_all(40);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, PLACE, ATTRIBUTES));
    expect_forgotten(absent_read);
    seL4_CPtr small = frame_with(pool, 60);
    RT_REQUIRE(map(small, PLACE + page_size, seL4_ReadWrite));
    REMEMBER(PLACE + page_size, 60);
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, absent_read);
    // And back.
    RT_REQUIRE(seL4_X86_PageTable_Unmap(table));
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    REMEMBER(PLACE, 40);
    REMEMBER(PLACE + page_size, 41);
}

static void directory_of_large_pages(RtPool* pool) {
    Structures made = build(pool, 2);
    seL4_CPtr frame = large_frame(pool);
    const seL4_Word at = PLACE + 3 * LARGE;  // the only page in the directory
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    for (int i = 0; i < places; i++) {
        REMEMBER(at + offsets[i], 0);
    }
    RT_REQUIRE(seL4_X86_PageDirectory_Unmap(made.directory));
    for (int i = 0; i < places; i++) {
        EXPECT_FORGOTTEN(rt_try_read(at + offsets[i]), at + offsets[i], absent_read);
    }
}

#ifdef CONFIG_HUGE_PAGE
static void huge(RtPool* pool) {
    unsigned eax = 0x80000001, ebx, ecx = 0, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    seL4_CPtr memory = boot_untyped(true, seL4_HugePageBits), frame = rt_pool_slot(pool);
    if ((edx >> 26 & 1) == 0 || memory == seL4_CapNull) {
        rt_skip("no pages of 1 GiB, or no device memory of that size");
        return;
    }
    // What is read from device memory that no device answers for is not worth comparing, but it can be read.
    Structures made = build(pool, 1);
    const seL4_Word inside[] = {PLACE, PLACE + 5 * LARGE + 3 * page_size, PLACE + (1ul << seL4_HugePageBits) - 8};
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X64_HugePageObject, 0, ROOT, 0, 0, frame, 1));
    for (int round = 0; round < 3; round++) {
        RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
        for (int i = 0; i < 3; i++) {
            RT_EXPECT(!rt_try_read(inside[i]).faulted);
        }
        if (round == 0) {
            RT_REQUIRE(map(frame, PLACE, seL4_NoRights));
        } else if (round == 1) {
            RT_REQUIRE(seL4_X86_Page_Unmap(frame));
        } else {
            RT_REQUIRE(seL4_X86_PDPT_Unmap(made.pdpt));
        }
        for (int i = 0; i < 3; i++) {
            EXPECT_FORGOTTEN(rt_try_read(inside[i]), inside[i], round == 0 ? forbidden_read : absent_read);
        }
    }
    RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));
}
#endif

static const RtTest tests[] = {
    {"an unmapped or deleted large page is forgotten", unmapped},
    {"rights that a large page lost are forgotten", fewer_rights},
    {"a large page that took another's place is seen", replaced},
    {"small pages where a large page was", into_small_pages},
    {"unmapping a page directory forgets large pages", directory_of_large_pages},
#ifdef CONFIG_HUGE_PAGE
    {"a huge page is forgotten", huge},
#endif
};

const RtTestGroup large_tests = TEST_GROUP(tests);
