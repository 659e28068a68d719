/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <antimono/pool.h>
#include <antimono/runtime.h>

/// What has been taken of what the kernel left. One thread at a time may take.
static struct {
    const seL4_BootInfo* info;
    seL4_CPtr next_slot;
    seL4_CPtr reserved;
    seL4_Word used[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS];  // bytes, per entry of the untyped list
} boot;

void rt_boot_memory_init(const seL4_BootInfo* info) {
    boot.info = info;
    boot.next_slot = info->empty.start;
    boot.reserved = rt_take_slots(RT_RESERVED_SLOTS);
}

seL4_CPtr rt_reserved_slot(unsigned index) {
    return boot.reserved == seL4_CapNull ? seL4_CapNull : boot.reserved + index;
}

seL4_Error rt_claim_ports(seL4_Word first, seL4_Word last, unsigned index) {
    seL4_CPtr slot = rt_reserved_slot(index);
    if (slot == seL4_CapNull) {
        return seL4_NotEnoughMemory;
    }
    return (seL4_Error)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last, seL4_CapInitThreadCNode, slot,
                                                    seL4_WordBits);
}

seL4_CPtr rt_take_slots(seL4_Word count) {
    if (boot.info->empty.end - boot.next_slot < count) {
        return seL4_CapNull;
    }
    seL4_CPtr first = boot.next_slot;
    boot.next_slot += count;
    return first;
}

seL4_Error rt_take_untyped(seL4_Word size_bits, seL4_CPtr* untyped) {
    seL4_Word size = (seL4_Word)1 << size_bits;
    seL4_Word count = boot.info->untyped.end - boot.info->untyped.start;
    seL4_Word best = count;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc* candidate = &boot.info->untypedList[i];
        if (candidate->isDevice || candidate->sizeBits < size_bits) {
            continue;
        }
        // The kernel places objects at multiples of their size, and so is what was taken before.
        seL4_Word start = (boot.used[i] + size - 1) & ~(size - 1);
        if (((seL4_Word)1 << candidate->sizeBits) - start < size) {
            continue;
        }
        if (best == count || candidate->sizeBits < boot.info->untypedList[best].sizeBits) {
            best = i;
        }
    }
    seL4_CPtr slot = best == count ? seL4_CapNull : rt_take_slots(1);
    if (slot == seL4_CapNull) {
        return seL4_NotEnoughMemory;
    }
    seL4_Error error = (seL4_Error)seL4_Untyped_Retype(boot.info->untyped.start + best, seL4_UntypedObject, size_bits,
                                                       seL4_CapInitThreadCNode, 0, 0, slot, 1);
    if (error == seL4_NoError) {
        boot.used[best] = ((boot.used[best] + size - 1) & ~(size - 1)) + size;
        *untyped = slot;
    }
    return error;
}
