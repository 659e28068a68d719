/* SPDX-License-Identifier: BSD-2-Clause */
#include "support.h"

seL4_CPtr make(RtPool* pool, seL4_Word type) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(pool, type, 0, &object));
    return object;
}

seL4_CPtr make_cnode(RtPool* pool, seL4_Word bits) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(pool, seL4_CapTableObject, bits, &object));
    return object;
}

seL4_CPtr mint(RtPool* pool, seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge) {
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_CHECK(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, source, DEPTH, rights, badge));
    return slot;
}

void start_thread(RtThread* thread, RtPool* pool, seL4_Word priority, seL4_CPtr fault_endpoint, RtThreadEntry entry,
                  seL4_Word argument) {
    RT_CHECK(rt_thread_create(thread, pool, fault_endpoint, priority));
    RT_CHECK(rt_thread_start(thread, entry, argument));
}

seL4_Error invoke(seL4_CPtr target, seL4_Word label, size_t cap_count, const seL4_CPtr* caps, size_t word_count,
                  const seL4_Word* words) {
    for (size_t i = 0; i < cap_count; i++) {
        seL4_SetCap((int)i, caps[i]);
    }
    for (size_t i = 0; i < word_count; i++) {
        seL4_SetMR((int)i, words[i]);
    }
    return (seL4_Error)seL4_MessageInfo_get_label(
        seL4_Call(target, seL4_MessageInfo_new(label, 0, cap_count, word_count)));
}

bool slot_is_full(seL4_CPtr slot) {
    // A full slot is found not to be empty as the destination before it is looked at as the source.
    return seL4_CNode_Move(ROOT, slot, DEPTH, ROOT, slot, DEPTH) == seL4_DeleteFirst;
}

seL4_CPtr boot_untyped(bool device, seL4_Word bits) {
    const seL4_BootInfo* info = rt_boot_info();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if ((info->untypedList[i].isDevice != 0) == device && info->untypedList[i].sizeBits >= bits) {
            return info->untyped.start + i;
        }
    }
    return seL4_CapNull;
}
