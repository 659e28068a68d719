/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"
#include "mark.h"

RtPool pool;
seL4_CPtr memory, slots;
uint64_t last_total;

static const char* row_name;
static unsigned row_number;

void row_begin(const char* name) {
    row_name = name;
    row_number++;
    rt_printf("begin %u: %s\n", row_number, name);
}

void row_mark(void) { mark(row_number); }
void row_unmark(void) { mark(0); }

void row_end(uint64_t best, uint64_t base, seL4_Word operations) {
    last_total = best - base;
    rt_printf("row %s: %lu ticks, %lu operations\n", row_name, last_total, operations);
}

void clean(void) {
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    for (seL4_Word i = 0; i < slot_count; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, slots + i, seL4_WordBits));
    }
}

seL4_CPtr make_sized(seL4_Word type, seL4_Word bits) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(&pool, type, bits, &object));
    return object;
}

seL4_CPtr make(seL4_Word type) { return make_sized(type, 0); }

seL4_CPtr mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge) {
    seL4_CPtr slot = rt_pool_slot(&pool);
    RT_ASSERT(slot != seL4_CapNull);
    RT_CHECK(seL4_CNode_Mint(OWN, slot, seL4_WordBits, OWN, source, seL4_WordBits, rights, badge));
    return slot;
}

void make_batch(seL4_Word type, seL4_Word bits, seL4_Word at, seL4_Word count) {
    RT_CHECK(seL4_Untyped_Retype(memory, type, bits, OWN, 0, 0, slots + at, count));
}

void delete_slots(seL4_Word at, seL4_Word count) {
    for (seL4_Word i = 0; i < count; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, slots + at + i, seL4_WordBits));
    }
}

/// For whoever makes time of ticks.
static void print_clock(const seL4_BootInfo* info) {
    const char* at = (const char*)info + seL4_BootInfoFrameSize;
    for (const char* end = at + info->extraLen; at < end; at += ((const seL4_BootInfoHeader*)at)->len) {
        const seL4_BootInfoHeader* header = (const seL4_BootInfoHeader*)at;
        if (header->id == SEL4_BOOTINFO_HEADER_X86_TSC_FREQ) {
            rt_printf("clock %u MHz\n", *(const unsigned*)(header + 1));
        }
    }
}

int main(const seL4_BootInfo* boot_info) {
    print_clock(boot_info);
    RT_CHECK(rt_pool_create(&pool, 24, 1200));
    RT_CHECK(rt_take_untyped(memory_bits, &memory));
    slots = rt_take_slots(slot_count);
    RT_ASSERT(slots != seL4_CapNull);
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
    measure_ipc();
    measure_signals();
    measure_switches();
    measure_faults();
    measure_interrupts();
    measure_threads();
    measure_caps();
    measure_objects();
    measure_spaces();
    rt_printf("bench: all measured\n");
    return 0;
}
