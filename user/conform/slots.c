/* SPDX-License-Identifier: BSD-2-Clause */
/// What the scripts' CNode holds. A kernel with DEBUG_BUILD tells the type of a capability. Any other kernel tells whether
/// there is one: an attempt to copy nothing into a slot fails for another reason if the slot is taken.
#include "conform.h"

uint64_t slot_content(unsigned slot) {
#ifdef CONFIG_DEBUG_BUILD
    return (uint64_t)(unsigned)seL4_DebugCapIdentify(world_slot_address(slot));
#else
    return (seL4_Error)seL4_CNode_Copy(world_root(), slot, slot_bits, seL4_CapInitThreadCNode, seL4_CapNull,
                                       seL4_WordBits, seL4_AllRights) == seL4_DeleteFirst;
#endif
}
