/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

enum { pages = 64 };

static const seL4_Word base = 0x500000000000;  // where no pool maps anything

static int map(seL4_Word page, seL4_CapRights_t rights) {
    return seL4_X86_Page_Map(slots + 4 + page, seL4_CapInitThreadVSpace, base + (page << seL4_PageBits), rights,
                             seL4_X86_Default_VMAttributes);
}

static void map_all(void) {
    for (seL4_Word page = 0; page < pages; page++) {
        RT_CHECK(map(page, seL4_ReadWrite));
    }
}

static void unmap_all(void) {
    for (seL4_Word page = 0; page < pages; page++) {
        RT_CHECK(seL4_X86_Page_Unmap(slots + 4 + page));
    }
}

void measure_spaces(void) {
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    make_batch(seL4_X86_PDPTObject, 0, 0, 1);
    make_batch(seL4_X86_PageDirectoryObject, 0, 1, 1);
    make_batch(seL4_X86_PageTableObject, 0, 2, 1);
    RT_CHECK(seL4_X86_PDPT_Map(slots, seL4_CapInitThreadVSpace, base, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(slots + 1, seL4_CapInitThreadVSpace, base, attributes));
    RT_CHECK(seL4_X86_PageTable_Map(slots + 2, seL4_CapInitThreadVSpace, base, attributes));
    make_batch(seL4_X86_4K, 0, 4, pages);
    MEASURE_AROUND("Page Map", pages, NOTHING, map(i, seL4_ReadWrite), unmap_all(), NOTHING);
    MEASURE_AROUND("Page Unmap", pages, map_all(), seL4_X86_Page_Unmap(slots + 4 + i), NOTHING, NOTHING);
    map_all();
    MEASURE("Page Map, again with other rights", pages, map(i, seL4_CanRead); map(i, seL4_ReadWrite), NOTHING);
    MEASURE_AROUND("delete last frame capability, mapped", pages, NOTHING,
                   seL4_CNode_Delete(OWN, slots + 4 + i, seL4_WordBits), make_batch(seL4_X86_4K, 0, 4, pages);
                   map_all(), NOTHING);
    clean();
    MEASURE_AROUND(
        "PageTable Map", 16, make_batch(seL4_X86_PDPTObject, 0, 0, 1);
        make_batch(seL4_X86_PageDirectoryObject, 0, 1, 1); make_batch(seL4_X86_PageTableObject, 0, 2, 16);
        RT_CHECK(seL4_X86_PDPT_Map(slots, seL4_CapInitThreadVSpace, base, attributes));
        RT_CHECK(seL4_X86_PageDirectory_Map(slots + 1, seL4_CapInitThreadVSpace, base, attributes)),
        seL4_X86_PageTable_Map(slots + 2 + i, seL4_CapInitThreadVSpace, base + (i << seL4_LargePageBits), attributes),
        clean(), NOTHING);
    MEASURE_AROUND("ASIDPool Assign", 16, make_batch(seL4_X64_PML4Object, 0, 0, 16),
                   seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, slots + i), clean(), NOTHING);
}
