/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot.h"

unsigned char first_slots[most_slots / 8];
bool started_at_once, ran_after_yield;

static volatile bool ran;

static void run(seL4_Word unused) {
    (void)unused;
    ran = true;
}

void first_look(void) {
    const seL4_Word slots = 1ul << rt_boot_info()->initThreadCNodeSizeBits;
    RT_ASSERT(slots <= most_slots);
    for (seL4_CPtr slot = 0; slot < slots; slot++) {
        if (slot_is_full(slot)) {
            first_slots[slot / 8] = (unsigned char)(first_slots[slot / 8] | 1 << slot % 8);
        }
    }
    static RtPool pool;
    RtThread thread;
    RT_CHECK(rt_pool_create(&pool, 18, 64));
    RT_CHECK(rt_thread_create(&thread, &pool, seL4_CapNull, seL4_MaxPrio));
    RT_CHECK(rt_thread_start(&thread, run, 0));
    started_at_once = ran;
    seL4_Yield();
    ran_after_yield = ran;
    RT_CHECK(rt_pool_reset(&pool));
}
