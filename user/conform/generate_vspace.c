/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: address spaces, and the use of what they map.
#include "generate.h"

static const seL4_Word default_attributes = 0;

/// The paging structures that a place needs below its PML4, once; what is there already answers DeleteFirst.
void make_map_table(void) {
    static const struct {
        uint8_t kind, label;
        uint16_t type;
    } tables[3] = {{kind_page_table, X86PageTableMap, seL4_X86_PageTableObject},
                   {kind_directory, X86PageDirectoryMap, seL4_X86_PageDirectoryObject},
                   {kind_pdpt, X86PDPTMap, seL4_X86_PDPTObject}};
    unsigned level = chance(60) ? 0 : 1 + (unsigned)random_below(2);
    unsigned slot = model_find(tables[level].kind);
    if (slot == 0 || model.slots[slot].mapped) {
        slot = free_slot(1);
        invoke(UntypedRetype, slot_untyped, CAPS1(slot_root), WORDS(tables[level].type, 0, 0, 0, slot, 1));
    }
    unsigned place = (unsigned)random_below(places);
    if (level == 1) {
        place = 8 + (unsigned)random_below(4);
    } else if (level == 2) {
        place = 10 + (unsigned)random_below(2);
    }
    seL4_Word vspace = chance(80) ? slot_vspace : find(kind_pml4, slot_vspace);
    invoke(tables[level].label, slot, CAPS1(vspace), WORDS(place_address(place) & ~0x1ffffful, default_attributes));
}

void make_map_page(void) {
    unsigned slot = chance(80)   ? find(kind_frame, slot_frame)
                    : chance(70) ? find(kind_large_frame, slot_frame)
                                 : find(kind_huge_frame, slot_frame);
    seL4_Word address = place_address((unsigned)(chance(60) ? random_below(4) : random_below(places)));
    if (model.slots[slot].kind == kind_large_frame) {
        address = 0x10a00000 + (random_below(3) << 21);
    } else if (model.slots[slot].kind == kind_huge_frame) {
        address = 0x80000000 + (random_below(3) << 30);
    } else if (model.slots[slot].mapped && chance(70)) {
        address = place_address(model.slots[slot].where);
    }
    seL4_Word vspace = chance(90) ? slot_vspace : find(kind_pml4, slot_vspace);
    invoke(X86PageMap, slot, CAPS1(vspace), WORDS(address, random_rights(), chance(70) ? 0 : random_below(8)));
}

void make_unmap(void) {
    static const struct {
        uint8_t kind, label;
    } ways[] = {{kind_frame, X86PageUnmap},
                {kind_frame, X86PageUnmap},
                {kind_large_frame, X86PageUnmap},
                {kind_page_table, X86PageTableUnmap},
                {kind_directory, X86PageDirectoryUnmap},
                {kind_pdpt, X86PDPTUnmap},
                {kind_huge_frame, X86PageUnmap},
                {kind_frame, X86PageGetAddress},
                {kind_large_frame, X86PageGetAddress}};
    unsigned i = (unsigned)random_below(sizeof ways / sizeof *ways);
    unsigned slot = model_find(ways[i].kind);
    if (slot == 0) {
        invoke(X86PageGetAddress, slot_frame + random_below(3), CAPS0, NO_WORDS);
    } else {
        invoke(ways[i].label, slot, CAPS0, NO_WORDS);
    }
}

/// Uses memory that is mapped, as far as known.
void make_touch(void) {
    unsigned slot = model_find(kind_frame);
    for (unsigned i = 0; i < 6 && !model.slots[slot].mapped; i++) {
        slot = model_find(kind_frame);
    }
    seL4_Word address = model.slots[slot].mapped ? place_address(model.slots[slot].where)
                                                 : WINDOW_BASE + (random_below(8) << WINDOW_SHIFT) + WINDOW_SCRATCH;
    Step* step = append();
    step->operation = chance(50) ? operation_store : operation_load;
    step->target = address + 8 * random_below(8);
    step->word_count = 1;
    step->words[0] = random_below(100000);
}

void make_asid(void) {
    if (chance(60)) {
        unsigned slot = model_find(kind_pml4);
        if (slot == 0 || model.slots[slot].mapped) {
            slot = free_slot(1);
            invoke(UntypedRetype, slot_untyped, CAPS1(slot_root), WORDS(seL4_X64_PML4Object, 0, 0, 0, slot, 1));
        }
        invoke(X86ASIDPoolAssign, find(kind_asid_pool, slot_asid_pool), CAPS1(slot), NO_WORDS);
        return;
    }
    unsigned slot = free_slot(2);
    invoke(UntypedRetype, slot_untyped, CAPS1(slot_root),
           WORDS(seL4_UntypedObject, chance(90) ? 12 : 13, 0, 0, slot, 1));
    invoke(X86ASIDControlMakePool, control_asid, CAPS2(slot, slot_root), WORDS(slot + 1, slot_bits));
}
