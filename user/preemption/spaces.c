/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

enum {
    entries = 512,
    root_slot = 0,
    pdpt_slot,
    directory_slot,
    table_slot,  // many / entries tables
    frame_slot = 64,
};

/// An address space of `many` pages: every entry of eight page tables.
static void make_space(void) {
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    const seL4_CPtr root = slots + root_slot;
    make(seL4_X64_PML4Object, 0, root_slot, 1);
    make(seL4_X86_PDPTObject, 0, pdpt_slot, 1);
    make(seL4_X86_PageDirectoryObject, 0, directory_slot, 1);
    make(seL4_X86_PageTableObject, 0, table_slot, many / entries);
    make(seL4_X86_4K, 0, frame_slot, many);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root));
    RT_CHECK(seL4_X86_PDPT_Map(slots + pdpt_slot, root, 0, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(slots + directory_slot, root, 0, attributes));
    for (seL4_Word i = 0; i < many / entries; i++) {
        RT_CHECK(seL4_X86_PageTable_Map(slots + table_slot + i, root, i << seL4_LargePageBits, attributes));
    }
    for (seL4_Word i = 0; i < many; i++) {
        RT_CHECK(seL4_X86_Page_Map(slots + frame_slot + i, root, i << seL4_PageBits, seL4_ReadWrite, attributes));
    }
}

void delete_pml4(void) {
    make_space();
    measure_begin();
    RT_CHECK(seL4_CNode_Delete(OWN, slots + root_slot, seL4_WordBits));
    measure_end();
}

void revoke_space(void) {
    make_space();
    measure_begin();
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    measure_end();
}

void revoke_empty_tables(void) {
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    const seL4_CPtr root = slots + root_slot;
    make(seL4_X64_PML4Object, 0, root_slot, 1);
    make(seL4_X86_PDPTObject, 0, pdpt_slot, 1);
    make(seL4_X86_PageDirectoryObject, 0, directory_slot, 1);
    make(seL4_X86_PageTableObject, 0, table_slot, entries);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root));
    RT_CHECK(seL4_X86_PDPT_Map(slots + pdpt_slot, root, 0, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(slots + directory_slot, root, 0, attributes));
    for (seL4_Word i = 0; i < entries; i++) {
        RT_CHECK(seL4_X86_PageTable_Map(slots + table_slot + i, root, i << seL4_LargePageBits, attributes));
    }
    measure_begin();
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    measure_end();
}

void unmap_tables(void) {
    make_space();
    measure_begin();
    for (seL4_Word i = 0; i < many / entries; i++) {
        RT_CHECK(seL4_X86_PageTable_Unmap(slots + table_slot + i));
    }
    RT_CHECK(seL4_X86_PageDirectory_Unmap(slots + directory_slot));
    RT_CHECK(seL4_X86_PDPT_Unmap(slots + pdpt_slot));
    measure_end();
}

void revoke_asid_pools(void) {
    enum { pools = 7 };
    make(seL4_UntypedObject, seL4_ASIDPoolBits, 0, pools);
    for (seL4_Word i = 0; i < pools; i++) {
        RT_CHECK(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, slots + i, OWN, slots + pools + i, seL4_WordBits));
    }
    measure_begin();
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    measure_end();
}

void delete_asid_pool(void) {
    enum { memory_slot, pool_slot, first_root };
    make(seL4_UntypedObject, seL4_ASIDPoolBits, memory_slot, 1);
    make(seL4_X64_PML4Object, 0, first_root, entries);
    RT_CHECK(
        seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, slots + memory_slot, OWN, slots + pool_slot, seL4_WordBits));
    for (seL4_Word i = 0; i < entries; i++) {
        RT_CHECK(seL4_X86_ASIDPool_Assign(slots + pool_slot, slots + first_root + i));
    }
    measure_begin();
    RT_CHECK(seL4_CNode_Delete(OWN, slots + pool_slot, seL4_WordBits));
    measure_end();
}
