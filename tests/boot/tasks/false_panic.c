// SPDX-License-Identifier: GPL-2.0-only
//
// Prints what the kernel prints when it panics, waits longer than the command listens after such a line, and goes on.
#include <antimono/runtime.h>

static seL4_Uint64 now(void) {
    seL4_Uint32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (seL4_Uint64)high << 32 | low;
}

int main(const seL4_BootInfo* info) {
    const seL4_BootInfoHeader* block = (const void*)((const char*)info + seL4_BootInfoFrameSize);
    while (block->id != SEL4_BOOTINFO_HEADER_X86_TSC_FREQ) {
        block = (const void*)((const char*)block + block->len);
    }
    seL4_Uint64 ticks_per_second = *(const seL4_Uint32*)(block + 1) * 1000000ull;
    rt_printf("kernel panic: not at all\n");
    seL4_Uint64 start = now();
    while (now() - start < 2 * ticks_per_second) {
        seL4_Yield();
    }
    rt_printf("still here\n");
    return 7;
}
