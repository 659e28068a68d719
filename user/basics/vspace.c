/* SPDX-License-Identifier: BSD-2-Clause */
/// Pages and paging structures: Map and Unmap (seL4 manual, "Virtual Memory").
#include "support.h"

#include <sel4/arch/invocation.h>
#include <sel4/arch/mapping.h>
#include <sel4/sel4_arch/invocation.h>

#define VSPACE seL4_CapInitThreadVSpace
#define ATTRIBUTES seL4_X86_Default_VMAttributes

/// The page-fault error code's bits (Intel SDM Vol. 3A, 4.7).
enum { present = 1, write = 2, user = 4, fetch = 16 };

/// A place in the test's addresses, away from where the pool maps: a page directory further up.
static seL4_Word place(const RtPool* pool) { return pool->base + (5ul << seL4_HugePageBits); }

static seL4_Error map(seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_X86_Page_Map(frame, VSPACE, address, rights, ATTRIBUTES);
}

typedef struct {
    seL4_Word address;
    bool writes;
} Access;

static void access_memory(seL4_Word argument) {
    Access* what = (Access*)argument;
    volatile seL4_Word* word = (volatile seL4_Word*)what->address;
    if (what->writes) {
        *word = 1;
    } else {
        (void)*word;
    }
}

/// Lets a thread read from or write to `address`. Returns the fault, or label 0 if there was none.
static RtFault touch(RtPool* pool, seL4_Word address, bool writes) {
    static Access what;
    static RtThread thread;
    static seL4_CPtr faults;
    // One thread serves all accesses of a test; it is made anew when the pool is.
    static seL4_CPtr made_for;
    what = (Access){address, writes};
    if (made_for == seL4_CapNull || !slot_is_full(made_for) || thread.tcb >= pool->next_slot) {
        faults = make(pool, seL4_EndpointObject);
        RT_CHECK(rt_thread_create(&thread, pool, mint(pool, faults, seL4_AllRights, 1), above));
        made_for = thread.tcb;
    }
    RT_CHECK(rt_thread_start(&thread, access_memory, (seL4_Word)&what));
    RtFault fault = {0};
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(faults, &badge);
    if (badge != 0) {
        rt_fault_read(&fault, info);
    }
    return fault;
}

#define EXPECT_FAULT(fault, address, status)                    \
    do {                                                        \
        RtFault got = fault;                                    \
        RT_EXPECT_EQUAL(got.label, seL4_Fault_VMFault);         \
        RT_EXPECT_EQUAL(got.words[seL4_VMFault_Addr], address); \
        RT_EXPECT_EQUAL(got.words[seL4_VMFault_FSR], status);   \
    } while (0)

#define EXPECT_NO_FAULT(fault) RT_EXPECT_EQUAL((fault).label, 0)

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
    {"a page is there while it is mapped", pages_come_and_go},
    {"rights of a mapping", rights_of_a_mapping},
    {"one frame at two addresses", one_frame_twice},
    {"a frame mapped over another", replaced_page},
    {"a missing paging structure is named", missing_levels_are_named},
    {"Page Map refuses bad arguments", page_errors},
    {"the last page of the user's addresses", the_top_of_user_addresses},
    {"large pages", large_pages},
    {"huge pages", huge_pages},
    {"a paging structure is mapped once", structures_are_mapped_once},
    {"paging structures refuse bad arguments", structure_errors},
    {"paging structures are unmapped", structures_are_unmapped},
    {"paging structures unmapped from the top", teardown_from_the_top},
};

const RtTestGroup vspace_tests = TEST_GROUP(tests);
