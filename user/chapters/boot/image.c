/* SPDX-License-Identifier: BSD-2-Clause */
/// The program's own frames and paging structures (seL4 manual, 9.2 "BootInfo Frame").
#include "boot.h"

#include <sel4/arch/invocation.h>
#include <sel4/sel4_arch/invocation.h>

enum { page_size = 1 << seL4_PageBits };
extern char rt_stack_bottom[], rt_image_end[];

static seL4_Word image_start(void) { return (seL4_Word)rt_stack_bottom & ~(seL4_Word)(page_size - 1); }
static seL4_Word image_pages(void) { return ((seL4_Word)rt_image_end - image_start() + page_size - 1) / page_size; }

static void a_frame_for_each_page(RtPool* pool) {
    (void)pool;
    const seL4_BootInfo* info = rt_boot_info();
    RT_EXPECT_EQUAL(info->userImageFrames.end - info->userImageFrames.start, image_pages());
}

/// The Nth capability is to the Nth page: a copy of it, mapped elsewhere, shows the same bytes.
static void frames_in_order(RtPool* pool) {
    const seL4_BootInfo* info = rt_boot_info();
    const seL4_Word pages = image_pages();
    const seL4_Word chosen[] = {0, 1, pages / 3, pages / 2, pages - 2, pages - 1};
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
        seL4_CPtr copy = mint(pool, info->userImageFrames.start + chosen[i], seL4_AllRights, 0);
        void* elsewhere;
        RT_REQUIRE(rt_pool_map(pool, copy, seL4_ReadWrite, &elsewhere));
        volatile seL4_Word *a = elsewhere, *b = (volatile seL4_Word*)(image_start() + chosen[i] * page_size);
        for (size_t w = 0; w < page_size / sizeof *a; w++) {
            // (The stack and this very program's variables do not change between the two reads.)
            RT_EXPECT_EQUAL(a[w], b[w]);
        }
    }
}

static volatile seL4_Word variable;

static void a_write_shows(RtPool* pool) {
    seL4_Word page = ((seL4_Word)&variable - image_start()) / page_size;
    seL4_CPtr copy = mint(pool, rt_boot_info()->userImageFrames.start + page, seL4_AllRights, 0);
    void* elsewhere;
    RT_REQUIRE(rt_pool_map(pool, copy, seL4_ReadWrite, &elsewhere));
    volatile seL4_Word* same = (volatile seL4_Word*)((seL4_Word)elsewhere + (seL4_Word)&variable % page_size);
    *same = 0x600df00d;
    RT_EXPECT_EQUAL(variable, 0x600df00d);
    variable = 0;
    RT_EXPECT_EQUAL(*same, 0);
}

/// True if the structure is of the type whose Map has `label`: that wants arguments, any other label is illegal.
static bool is_structure(seL4_CPtr structure, seL4_Word label) {
    return invoke(structure, label, NO_CAPS, NO_WORDS) == seL4_TruncatedMessage;
}

static void structures_from_the_top(RtPool* pool) {
    (void)pool;
    const seL4_SlotRegion paging = rt_boot_info()->userImagePaging;
    seL4_Word counts[3] = {0};
    int level = 0;
    const seL4_Word labels[] = {X86PDPTMap, X86PageDirectoryMap, X86PageTableMap};
    for (seL4_CPtr slot = paging.start; slot < paging.end; slot++) {
        while (level < 3 && !is_structure(slot, labels[level])) {
            level++;
        }
        RT_EXPECT(level < 3);
        counts[level]++;
    }
    // The image and the pages behind it lie within one page directory, and in as many page tables as that takes.
    const seL4_Word end = (seL4_Word)rt_boot_info() + page_size;
    RT_EXPECT_EQUAL(counts[0], 1);
    RT_EXPECT_EQUAL(counts[1], 1);
    RT_EXPECT(counts[2] >= ((end - 1) >> seL4_LargePageBits) - (image_start() >> seL4_LargePageBits) + 1);
}

/// The last page table is at the highest addresses, and so on: unmapping one takes just its pages away.
static void tables_in_order(RtPool* pool) {
    const seL4_SlotRegion paging = rt_boot_info()->userImagePaging;
    seL4_Word tables = 0;
    for (seL4_CPtr slot = paging.start; slot < paging.end; slot++) {
        tables += is_structure(slot, X86PageTableMap);
    }
    // A structure that is mapped says so when it is mapped once more: its place is taken, or it is not free.
    for (seL4_CPtr slot = paging.end - tables; slot < paging.end; slot++) {
        RT_EXPECT_ERROR(
            seL4_X86_PageTable_Map(slot, seL4_CapInitThreadVSpace, pool->base, seL4_X86_Default_VMAttributes),
            seL4_InvalidCapability, 0);
    }
}

static const RtTest tests[] = {
    {"a frame for each page of the image", a_frame_for_each_page},
    {"the image's frames are in the order of addresses", frames_in_order},
    {"what is written through one mapping of the image shows in the other", a_write_shows},
    {"the image's paging structures, largest first", structures_from_the_top},
    {"the image's page tables are mapped", tables_in_order},
};

const RtTestGroup image_tests = TEST_GROUP(tests);
