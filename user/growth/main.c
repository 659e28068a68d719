/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

enum { growth_slots = most_threads + 64 };

seL4_CPtr memory, slots, big;

void point(const char* kind, const char* curve, seL4_Word size, uint64_t best, seL4_Word operations) {
    rt_printf("point %s: %s at %lu: %lu ticks, %lu operations\n", kind, curve, size, best, operations);
}

void growth_clean(void) {
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    for (seL4_Word i = 0; i < growth_slots; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, slots + i, seL4_WordBits));
    }
}

void make_objects(seL4_Word type, seL4_Word bits, seL4_Word at, seL4_Word count) {
    for (seL4_Word made = 0; made < count; made += batch) {
        RT_CHECK(seL4_Untyped_Retype(memory, type, bits, OWN, 0, 0, slots + at + made,
                                     count - made < batch ? count - made : batch));
    }
}

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    RT_CHECK(rt_take_untyped(growth_memory_bits, &memory));
    slots = rt_take_slots(growth_slots + 1);
    RT_ASSERT(slots != seL4_CapNull);
    big = slots + growth_slots;
    seL4_CPtr room;
    RT_CHECK(rt_take_untyped(largest_cnode_bits + seL4_SlotBits, &room));
    RT_CHECK(seL4_Untyped_Retype(room, seL4_CapTableObject, largest_cnode_bits, OWN, 0, 0, big, 1));
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
    measure_levels();
    measure_pages();
    measure_crowds();
    measure_capabilities();
    rt_printf("growth: all measured\n");
    return 0;
}
