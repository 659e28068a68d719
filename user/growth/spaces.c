/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

enum { calls = 8, most_pages = 4096, most_spaces = 448 };

static const seL4_Word base = 0x500000000000;  // where nothing is mapped

/// The paging structures are before the pages' slots; pages that are measured come behind those that are only there.
enum { tables = most_pages / 512 + 1, first_page = 2 + tables };

static int map(seL4_Word page) {
    return seL4_X86_Page_Map(slots + page, seL4_CapInitThreadVSpace, base + (page << seL4_PageBits), seL4_ReadWrite,
                             seL4_X86_Default_VMAttributes);
}

static void measure_mappings(void) {
    static const seL4_Word sizes[] = {1, 16, 256, most_pages};
    static const char kind[] = "pages";
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    // Structures first: the slots behind them are as many as the pages, slot number = page number.
    const seL4_CPtr structures = slots + most_pages + calls;
    RT_CHECK(seL4_Untyped_Retype(memory, seL4_X86_PDPTObject, 0, OWN, 0, 0, structures, 1));
    RT_CHECK(seL4_Untyped_Retype(memory, seL4_X86_PageDirectoryObject, 0, OWN, 0, 0, structures + 1, 1));
    RT_CHECK(seL4_Untyped_Retype(memory, seL4_X86_PageTableObject, 0, OWN, 0, 0, structures + 2, tables));
    RT_CHECK(seL4_X86_PDPT_Map(structures, seL4_CapInitThreadVSpace, base, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(structures + 1, seL4_CapInitThreadVSpace, base, attributes));
    for (seL4_Word table = 0; table < tables; table++) {
        RT_CHECK(seL4_X86_PageTable_Map(structures + 2 + table, seL4_CapInitThreadVSpace,
                                        base + (table << seL4_LargePageBits), attributes));
    }
    make_objects(seL4_X86_4K, 0, 0, most_pages + calls);
    seL4_Word mapped = 0;
    for (unsigned index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        for (; mapped < sizes[index]; mapped++) {
            RT_CHECK(map(mapped));
        }
        POINT(
            kind, "Page Map", mapped, calls, NOTHING, map(mapped + i),
            for (seL4_Word page = 0; page < calls; page++) { RT_CHECK(seL4_X86_Page_Unmap(slots + mapped + page)); });
        POINT(
            kind, "Page Unmap", mapped, calls,
            for (seL4_Word page = 0; page < calls; page++) { RT_CHECK(map(mapped + page)); },
            seL4_X86_Page_Unmap(slots + mapped + i), NOTHING);
        POINT(kind, "Page Unmap, one in the middle", mapped, 1, NOTHING, seL4_X86_Page_Unmap(slots + mapped / 2),
              RT_CHECK(map(mapped / 2)));
    }
    // All of them at once, and the copies of one frame's capability.
    growth_clean();
}

static void measure_assignments(void) {
    static const seL4_Word sizes[] = {1, 16, 64, 256, most_spaces};
    static const char kind[] = "address spaces of a pool";
    seL4_Word assigned = 0;
    for (unsigned index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        make_objects(seL4_X64_PML4Object, 0, assigned, sizes[index] - assigned);
        for (; assigned < sizes[index]; assigned++) {
            RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, slots + assigned));
        }
        const seL4_CPtr fresh = slots + assigned;
        POINT(
            kind, "ASIDPool Assign", assigned, calls, make_objects(seL4_X64_PML4Object, 0, assigned, calls),
            seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, fresh + i),
            for (seL4_Word space = 0; space < calls;
                 space++) { RT_CHECK(seL4_CNode_Delete(OWN, fresh + space, seL4_WordBits)); });
        POINT(
            kind, "delete an address space", assigned, calls, make_objects(seL4_X64_PML4Object, 0, assigned, calls);
            for (seL4_Word space = 0; space < calls;
                 space++) { RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, fresh + space)); },
            seL4_CNode_Delete(OWN, fresh + i, seL4_WordBits), NOTHING);
    }
    growth_clean();
}

void measure_pages(void) {
    measure_mappings();
    measure_assignments();
}
