/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

/// Badged copies of the endpoint capability in slot 0, in slots `at` onwards below `root`.
static void mint_copies(seL4_CPtr root, seL4_Word at, seL4_Word depth, seL4_Word count) {
    for (seL4_Word i = 0; i < count; i++) {
        RT_CHECK(seL4_CNode_Mint(root, at + i, (uint8_t)depth, OWN, slots, seL4_WordBits, seL4_AllRights, i + 1));
    }
}

void revoke_copies(void) {
    make(seL4_EndpointObject, 0, 0, 1);
    mint_copies(OWN, slots + 1, seL4_WordBits, many);
    measure_begin();
    RT_CHECK(seL4_CNode_Revoke(OWN, slots, seL4_WordBits));
    measure_end();
}

void revoke_objects(void) {
    seL4_Word part = many / 8;
    make(seL4_TCBObject, 0, 0, part);
    make(seL4_EndpointObject, 0, part, part);
    make(seL4_NotificationObject, 0, 2 * part, part);
    make(seL4_CapTableObject, 4, 3 * part, part);
    make(seL4_X86_4K, 0, 4 * part, part);
    make(seL4_X86_PageTableObject, 0, 5 * part, part);
    make(seL4_X64_PML4Object, 0, 6 * part, part);
    make(seL4_UntypedObject, 4, 7 * part, part);
    measure_begin();
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    measure_end();
}

void delete_full_cnode(void) {
    enum { bits = 12 };
    make(seL4_EndpointObject, 0, 0, 1);
    make(seL4_CapTableObject, bits, 1, 1);
    mint_copies(slots + 1, 0, bits, many);
    measure_begin();
    RT_CHECK(seL4_CNode_Delete(OWN, slots + 1, seL4_WordBits));
    measure_end();
}

enum { chain = 1024, chain_bits = 2 };

/// CNodes in slots 0 onwards, each moved into the last slot of the one before.
static void make_chain(void) {
    make(seL4_CapTableObject, chain_bits, 0, chain);
    for (seL4_Word i = chain - 1; i > 0; i--) {
        RT_CHECK(seL4_CNode_Move(slots + i - 1, (1 << chain_bits) - 1, chain_bits, OWN, slots + i, seL4_WordBits));
    }
}

void delete_chain(void) {
    make_chain();
    measure_begin();
    // What lies deeper than one CNode is not followed by Delete; it stays, as the zombie of what it was.
    RT_CHECK(seL4_CNode_Delete(OWN, slots, seL4_WordBits));
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    measure_end();
}

void delete_ring(void) {
    make(seL4_CapTableObject, chain_bits, 0, chain);
    for (seL4_Word i = 0; i < chain; i++) {
        RT_CHECK(
            seL4_CNode_Copy(slots + i, 0, chain_bits, OWN, slots + (i + 1) % chain, seL4_WordBits, seL4_AllRights));
        RT_CHECK(
            seL4_CNode_Copy(slots + i, 3, chain_bits, OWN, slots + (i + 7) % chain, seL4_WordBits, seL4_AllRights));
    }
    for (seL4_Word i = 0; i < chain; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, slots + i, seL4_WordBits));
    }
    measure_begin();
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    measure_end();
}
