/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: capabilities are copied, moved, deleted and revoked.
#include "generate.h"

seL4_Word random_rights(void) { return chance(60) ? 15 : random_below(16); }

static seL4_Word badge_for(unsigned slot) {
    if (model.slots[slot].kind == kind_cnode) {
        return seL4_CNode_CapData_new(0, chance(70) ? 56 : random_below(64)).words[0];
    }
    return chance(20) ? 0 : 1 + random_below(250);
}

unsigned copyable_slot(void) {
    static const uint8_t usual[] = {kind_endpoint,   kind_notification, kind_frame,    kind_tcb,
                                    kind_cnode,      kind_irq_handler,  kind_untyped,  kind_large_frame,
                                    kind_huge_frame, kind_io_port,      kind_asid_pool};
    return chance(80) ? find(usual[random_below(sizeof usual)], slot_endpoint) : taken_slot();
}

void make_copy(void) {
    invoke(CNodeCopy, slot_root, CAPS1(slot_root),
           WORDS(free_slot(1), slot_bits, copyable_slot(), slot_bits, random_rights()));
}

void make_mint(void) {
    static const uint8_t usual[] = {kind_endpoint, kind_endpoint, kind_notification, kind_cnode};
    unsigned from = chance(80) ? find(usual[random_below(4)], slot_endpoint) : copyable_slot();
    for (unsigned i = 0; i < 8 && model.slots[from].badged; i++) {
        from = find(usual[random_below(4)], slot_endpoint);
    }
    invoke(CNodeMint, slot_root, CAPS1(slot_root),
           WORDS(free_slot(1), slot_bits, from, slot_bits, random_rights(), badge_for(from)));
}

void make_move(void) {
    invoke(CNodeMove, slot_root, CAPS1(slot_root), WORDS(free_slot(1), slot_bits, taken_slot(), slot_bits));
}

void make_move_away(void) {
    if (chance(50)) {
        invoke(CNodeMove, slot_node, CAPS1(slot_root), WORDS(random_below(16), node_bits, taken_slot(), slot_bits));
    } else {
        invoke(CNodeMove, slot_root, CAPS1(slot_node), WORDS(free_slot(1), slot_bits, random_below(16), node_bits));
    }
}

void make_mutate(void) {
    unsigned from = chance(60) ? find(kind_cnode, slot_node) : taken_slot();
    seL4_Word badge = model.slots[from].kind == kind_cnode ? badge_for(from) : 0;
    if (from <= slot_node) {
        from = taken_slot();
    }
    invoke(CNodeMutate, slot_root, CAPS1(slot_root), WORDS(free_slot(1), slot_bits, from, slot_bits, badge));
}

void make_rotate(void) {
    unsigned source = taken_slot(), pivot = taken_slot(), to = chance(70) ? free_slot(1) : source;
    invoke(CNodeRotate, slot_root, CAPS2(slot_root, slot_root),
           WORDS(to, slot_bits, 0, pivot, slot_bits, 0, source, slot_bits));
}

void make_delete(void) {
    unsigned slot =
        chance(90) ? slot_free + (unsigned)random_below(model_slots - slot_free) : 4 + (unsigned)random_below(28);
    if (model.slots[slot].kind == kind_empty) {
        slot = taken_slot();
    }
    invoke(CNodeDelete, slot_root, CAPS0, WORDS(slot, slot_bits));
}

void make_revoke(void) {
    unsigned slot = chance(40) ? find(kind_untyped, slot_untyped) : taken_slot();
    if (slot == slot_root && chance(80)) {
        slot = slot_untyped;
    }
    invoke(CNodeRevoke, slot_root, CAPS0, WORDS(slot, slot_bits));
}

void make_cancel_badged_sends(void) {
    invoke(CNodeCancelBadgedSends, slot_root, CAPS0, WORDS(find(kind_endpoint, slot_badged_endpoint), slot_bits));
}

void make_save_caller(void) { invoke(CNodeSaveCaller, slot_root, CAPS0, WORDS(free_slot(1), slot_bits)); }
