/* SPDX-License-Identifier: BSD-2-Clause */
/// A thread of the highest priority waits for a timer's interrupts. While the kernel works for another thread, it hears of
/// them only as often as the kernel lets itself be preempted.
#include "scenario.h"

enum {
    timer_channel_0 = 0x40,
    timer_command = 0x43,
    rate_generator = 0x34,  // channel 0, both bytes, mode 2 (Intel 8254, "Mode Definitions")
    timer_hertz = 1193182,
    timer_divisor = 120,  // 100 microseconds
    timer_pin = 2,        // of the I/O APIC, where PCs have the 8254
    vector = 30,
};

static RtPool pool;
static RtThread listener;
static seL4_CPtr notification, handler;
static volatile uint64_t last, longest, interrupts, begun;

static uint64_t time(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static void listen(seL4_Word unused) {
    (void)unused;
    for (;;) {
        seL4_Wait(notification, NULL);
        uint64_t now = time();
        if (begun != 0) {
            uint64_t interval = now - last;
            longest = interval > longest ? interval : longest;
            interrupts++;
        }
        last = now;
        seL4_IRQHandler_Ack(handler);
    }
}

void latency_prepare(void) {
    RT_CHECK(rt_pool_create(&pool, 17, 64));
    seL4_CPtr ports = rt_pool_slot(&pool);
    RT_CHECK(
        seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, timer_channel_0, timer_command, OWN, ports, seL4_WordBits));
    handler = rt_pool_slot(&pool);
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, OWN, handler, seL4_WordBits, 0, timer_pin, 0, 0, vector));
    RT_CHECK(rt_pool_retype(&pool, seL4_NotificationObject, 0, &notification));
    RT_CHECK(seL4_IRQHandler_SetNotification(handler, notification));
    RT_CHECK(rt_thread_create(&listener, &pool, seL4_CapNull, seL4_MaxPrio));
    RT_CHECK(rt_thread_start(&listener, listen, 0));
    RT_CHECK(seL4_X86_IOPort_Out8(ports, timer_command, rate_generator));
    RT_CHECK(seL4_X86_IOPort_Out8(ports, timer_channel_0, timer_divisor & 0xff));
    RT_CHECK(seL4_X86_IOPort_Out8(ports, timer_channel_0, timer_divisor >> 8));
    // The handler may have been issued masked; a signal that waits already does no harm.
    RT_CHECK(seL4_IRQHandler_Ack(handler));
    rt_printf("latency: period %lu ns\n", (uint64_t)timer_divisor * 1000000000 / timer_hertz);
}

void latency_begin(void) {
    longest = 0;
    interrupts = 0;
    begun = time();
}

void latency_end(void) {
    uint64_t end = time(), start = begun;
    if (start == 0) {
        return;
    }
    begun = 0;
    rt_printf("latency: %lu interrupts in %lu, longest interval %lu\n", interrupts, end - start, longest);
}
