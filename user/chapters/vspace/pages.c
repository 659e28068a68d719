/* SPDX-License-Identifier: BSD-2-Clause */
/// Pages: Map and Unmap (seL4 manual, 7.1.2 "Page").
#include "memory.h"

#include <sel4/arch/invocation.h>
#include <sel4/arch/mapping.h>
#include <sel4/sel4_arch/invocation.h>

static void pages_come_and_go(RtPool* pool) {
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    EXPECT_FAULT(touch(pool, at + 8, false), at + 8, user);
    EXPECT_FAULT(touch(pool, at + 16, true), at + 16, user | write);
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    EXPECT_NO_FAULT(touch(pool, at + 16, true));
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    EXPECT_FAULT(touch(pool, at + 16, false), at + 16, user);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));  // is not mapped already
    RT_REQUIRE(map(frame, at + 4096, seL4_ReadWrite));
    RT_EXPECT_EQUAL(((volatile seL4_Word*)(at + 4096))[2], 1);
}

static void rights_of_a_mapping(RtPool* pool) {
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    RT_REQUIRE(map(frame, at, seL4_CanRead));
    EXPECT_NO_FAULT(touch(pool, at, false));
    EXPECT_FAULT(touch(pool, at, true), at, user | write | present);
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));  // mapping it again at the same address changes the rights
    EXPECT_NO_FAULT(touch(pool, at, true));
    RT_REQUIRE(map(frame, at, seL4_CanRead));
    EXPECT_FAULT(touch(pool, at, true), at, user | write | present);
    // Write alone, or no right at all, leaves the page to the kernel.
    RT_REQUIRE(map(frame, at, seL4_CanWrite));
    EXPECT_FAULT(touch(pool, at, false), at, user | present);
    RT_REQUIRE(map(frame, at, seL4_NoRights));
    EXPECT_FAULT(touch(pool, at, false), at, user | present);
    // A capability without Write cannot map writable.
    seL4_CPtr other = mint(pool, frame, seL4_CanRead, 0);
    RT_REQUIRE(map(other, at + 4096, seL4_ReadWrite));
    EXPECT_FAULT(touch(pool, at + 4096, true), at + 4096, user | write | present);
}

static void one_frame_twice(RtPool* pool) {
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    seL4_CPtr other = mint(pool, frame, seL4_ReadWrite, 0);  // a copy of a mapped frame is not mapped
    RT_REQUIRE(map(other, at + 8192, seL4_ReadWrite));
    *(volatile seL4_Word*)at = 0xabcdef;
    RT_EXPECT_EQUAL(*(volatile seL4_Word*)(at + 8192), 0xabcdef);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));  // takes its own mapping with it, not the other
    EXPECT_FAULT(touch(pool, at, false), at, user);
    RT_EXPECT_EQUAL(*(volatile seL4_Word*)(at + 8192), 0xabcdef);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, other, DEPTH));
    EXPECT_FAULT(touch(pool, at + 8192, false), at + 8192, user);
}

static void replaced_page(RtPool* pool) {
    seL4_CPtr first = make(pool, seL4_X86_4K), second = make(pool, seL4_X86_4K);
    seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    RT_REQUIRE(map(first, at, seL4_ReadWrite));
    *(volatile seL4_Word*)at = 1;
    // Another frame at the same address takes the first one's place.
    RT_REQUIRE(map(second, at, seL4_ReadWrite));
    RT_EXPECT_EQUAL(*(volatile seL4_Word*)at, 0);
    // The first one's capability still believes to be mapped there; unmapping it must not touch the second.
    RT_REQUIRE(seL4_X86_Page_Unmap(first));
    EXPECT_NO_FAULT(touch(pool, at, true));
}

static void missing_levels_are_named(RtPool* pool) {
    seL4_CPtr frame = make(pool, seL4_X86_4K), table = make(pool, seL4_X86_PageTableObject);
    seL4_CPtr directory = make(pool, seL4_X86_PageDirectoryObject), pdpt = make(pool, seL4_X86_PDPTObject);
    seL4_Word at = pool->base;  // no paging structure at all here yet
    RT_EXPECT_ERROR(map(frame, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PDPT);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES), seL4_FailedLookup, 0,
                    seL4_MissingCapability, SEL4_MAPPING_LOOKUP_NO_PDPT);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PDPT);
    RT_REQUIRE(seL4_X86_PDPT_Map(pdpt, VSPACE, at, ATTRIBUTES));
    RT_EXPECT_ERROR(map(frame, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PD);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PD);
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES));
    RT_EXPECT_ERROR(map(frame, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PT);
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    *(volatile seL4_Word*)at = 1;
}

static void page_errors(RtPool* pool) {
    seL4_CPtr frame = make(pool, seL4_X86_4K), large;
    seL4_Word at = place(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &large));
    RT_REQUIRE(rt_pool_prepare_address(pool, at));
    RT_EXPECT_ERROR(map(frame, at + 8, seL4_ReadWrite), seL4_AlignmentError);
    RT_EXPECT_ERROR(map(large, at + 4096, seL4_ReadWrite), seL4_AlignmentError);
    RT_EXPECT_ERROR(map(frame, seL4_UserTop, seL4_ReadWrite), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(map(frame, 0xffff800000000000, seL4_ReadWrite), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(map(frame, ~0xffful, seL4_ReadWrite), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(seL4_X86_Page_Map(frame, ROOT, at, seL4_ReadWrite, ATTRIBUTES), seL4_InvalidCapability, 1);
    // A PML4 without an ASID.
    RT_EXPECT_ERROR(seL4_X86_Page_Map(frame, make(pool, seL4_X64_PML4Object), at, seL4_ReadWrite, ATTRIBUTES),
                    seL4_InvalidCapability, 1);
    RT_REQUIRE(map(frame, at, seL4_ReadWrite));
    RT_EXPECT_ERROR(map(frame, at + 4096, seL4_ReadWrite), seL4_InvalidArgument, 0);  // is mapped elsewhere
    RT_EXPECT_ERROR(map(large, at, seL4_ReadWrite), seL4_DeleteFirst);                // a page table is there
    const seL4_Word rights = seL4_ReadWrite.words[0];
    RT_EXPECT_ERROR(invoke(frame, X86PageMap, CAPS(VSPACE), WORDS(at, rights)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(frame, X86PageMap, NO_CAPS, WORDS(at, rights, 0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(frame, X86PageTableMap, CAPS(VSPACE), WORDS(at, rights, 0)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(frame, 0, CAPS(VSPACE), WORDS(at, rights, 0)), seL4_IllegalOperation);
}

static void the_top_of_user_addresses(RtPool* pool) {
    // The last page that a user may have, and with it paging structures for the whole top.
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    seL4_Word last = seL4_UserTop - 4096;
    RT_REQUIRE(rt_pool_prepare_address(pool, last));
    RT_REQUIRE(map(frame, last, seL4_ReadWrite));
    *(volatile seL4_Word*)(last + 4088) = 1;
    EXPECT_FAULT(touch(pool, last + 4096, false), last + 4096, user);
}

static void large_pages(RtPool* pool) {
    seL4_CPtr large, small = make(pool, seL4_X86_4K), table = make(pool, seL4_X86_PageTableObject);
    seL4_Word at = place(pool) + (1ul << seL4_LargePageBits);
    RT_REQUIRE(rt_pool_prepare_address(pool, place(pool)));
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &large));
    RT_REQUIRE(map(large, at, seL4_ReadWrite));
    *(volatile seL4_Word*)(at + (1ul << seL4_LargePageBits) - 8) = 0x1a;
    RT_EXPECT_ERROR(map(small, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PT);
    RT_EXPECT_ERROR(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES), seL4_DeleteFirst);
    RT_REQUIRE(map(large, at, seL4_CanRead));
    EXPECT_FAULT(touch(pool, at, true), at, user | write | present);
    RT_REQUIRE(seL4_X86_Page_Unmap(large));
    EXPECT_FAULT(touch(pool, at, false), at, user);
    RT_REQUIRE(seL4_X86_PageTable_Map(table, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(map(small, at, seL4_ReadWrite));
}

#ifdef CONFIG_HUGE_PAGE
/// Whether the processor has pages of 1 GiB. (The seL4 kernel does not start on one that has not.)
static bool has_huge_pages(void) {
    unsigned eax = 0x80000001, ebx, ecx = 0, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return (edx >> 26 & 1) != 0;
}
#endif

static void huge_pages(RtPool* pool) {
#ifdef CONFIG_HUGE_PAGE
    if (!has_huge_pages()) {
        rt_skip("a processor without pages of 1 GiB");
        return;
    }
    // Device memory: every machine has 1 GiB of that somewhere, and nobody touches it here.
    seL4_CPtr memory = boot_untyped(true, seL4_HugePageBits), huge = rt_pool_slot(pool);
    if (memory == seL4_CapNull) {
        rt_skip("no device untyped of 1 GiB");
        return;
    }
    seL4_Word at = place(pool) + (1ul << seL4_HugePageBits);
    RT_REQUIRE(rt_pool_prepare_address(pool, place(pool)));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X64_HugePageObject, 0, ROOT, 0, 0, huge, 1));
    RT_EXPECT_ERROR(map(huge, at + (1ul << seL4_LargePageBits), seL4_ReadWrite), seL4_AlignmentError);
    RT_EXPECT_ERROR(map(huge, place(pool), seL4_ReadWrite), seL4_DeleteFirst);  // a page directory is there
    RT_REQUIRE(map(huge, at, seL4_ReadWrite));
    seL4_CPtr directory = make(pool, seL4_X86_PageDirectoryObject), small = make(pool, seL4_X86_4K);
    RT_EXPECT_ERROR(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES), seL4_DeleteFirst);
    RT_EXPECT_ERROR(map(small, at, seL4_ReadWrite), seL4_FailedLookup, 0, seL4_MissingCapability,
                    SEL4_MAPPING_LOOKUP_NO_PD);
    RT_REQUIRE(seL4_X86_Page_Unmap(huge));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, VSPACE, at, ATTRIBUTES));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, huge, DEPTH));
#else
    (void)pool;
    rt_skip("a configuration without huge pages");
#endif
}

static const RtTest tests[] = {
    {"a page is there while it is mapped", pages_come_and_go},
    {"rights of a mapping", rights_of_a_mapping},
    {"one frame at two addresses", one_frame_twice},
    {"a frame mapped over another", replaced_page},
    {"a missing paging structure is named", missing_levels_are_named},
    {"Page Map refuses bad arguments", page_errors},
    {"the last page of the user's addresses", the_top_of_user_addresses},
    {"large pages", large_pages},
    {"huge pages", huge_pages},
};

const RtTestGroup page_tests = TEST_GROUP(tests);
