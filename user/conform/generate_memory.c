/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: memory becomes objects.
#include "generate.h"

static seL4_Word random_type(unsigned size) {
    static const seL4_Word types[] = {
        seL4_UntypedObject,
        seL4_UntypedObject,
        seL4_TCBObject,
        seL4_TCBObject,
        seL4_EndpointObject,
        seL4_EndpointObject,
        seL4_NotificationObject,
        seL4_NotificationObject,
        seL4_CapTableObject,
        seL4_X86_4K,
        seL4_X86_4K,
        seL4_X86_4K,
        seL4_X86_PageTableObject,
        seL4_X86_PageTableObject,
        seL4_X86_PageDirectoryObject,
        seL4_X86_PDPTObject,
        seL4_X64_PML4Object,
    };
    if (size >= 21 && chance(60)) {
        return seL4_X86_LargePageObject;
    }
    return chance(1) ? odd_word() : types[random_below(sizeof types / sizeof *types)];
}

void make_retype(void) {
    bool from_device = chance(8);
    unsigned from = from_device ? find(kind_device, slot_device) : find(kind_untyped, slot_untyped);
    if (!from_device && chance(50)) {
        from = slot_untyped;
    }
    unsigned size = model.slots[from].size;
    seL4_Word type = random_type(size), bits = 0;
    if (from_device) {
        static const seL4_Word types[] = {seL4_X86_LargePageObject, seL4_X64_HugePageObject, seL4_X86_4K,
                                          seL4_UntypedObject};
        type = types[random_below(4)];
    }
    if (type == seL4_UntypedObject) {
        bits = from_device ? 24 : size > 12 && chance(40) ? 12 : 4 + random_below(9);
    } else if (type == seL4_CapTableObject) {
        bits = 1 + random_below(5);
    }
    unsigned count = chance(70) ? 1 : 1 + (unsigned)random_below(4);
    seL4_Word node = slot_root, index = 0, depth = 0, offset = free_slot(count);
    if (chance(5)) {
        node = find(kind_cnode, slot_node);
        offset = random_below(16);
    } else if (chance(5)) {
        index = slot_root;
        depth = slot_bits;
    }
    invoke(UntypedRetype, from, CAPS1(node), WORDS(type, bits, index, depth, offset, count));
}
