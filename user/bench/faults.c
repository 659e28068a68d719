/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

enum {
    calls = 64,
    serial = 0x3f8,
    serial_interrupt_enable = serial + 1,
    serial_pin = 4,
    transmitter_empty = 2,
    vector = 20
};

/// A thread of lower priority faults; the answer without words lets it do so again.
static void fault(const char* name, const char* loop, bool elsewhere, seL4_Word address) {
    RtThread faulter;
    seL4_CPtr endpoint = make(seL4_EndpointObject);
    (elsewhere ? start_loop_elsewhere : start_loop)(&faulter, loop, lower, mint(endpoint, seL4_AllRights, 1),
                                                    &(LoopArguments){.capability = address});
    bare(seL4_SysRecv, endpoint, 0);
    MEASURE_CALL(name, calls, seL4_SysReplyRecv, endpoint, message(0, 0, 0));
    stop(&faulter);
}

void measure_faults(void) {
    const seL4_Word nothing_there = 0x1000;
    fault("fault (ud2) + reply", loop_undefined, false, 0);
    fault("fault (ud2) + reply, other space", loop_undefined, true, 0);
    fault("page fault + reply", loop_read, false, nothing_there);
    fault("page fault + reply, other space", loop_read, true, nothing_there);
    fault("unknown system call + reply", loop_unknown_call, false, 0);
}

/// The serial port's transmitter is always empty and can say so by an interrupt. Switching that on raises it at once; a thread
/// of higher priority acknowledges and waits for the next, before the program goes on. Switching it on and off without
/// interrupt is subtracted.
void measure_interrupts(void) {
    RtThread listener;
    seL4_CPtr ports = rt_pool_slot(&pool), handler = rt_pool_slot(&pool), notification = make(seL4_NotificationObject);
    if (seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, serial, serial + 7, OWN, ports, seL4_WordBits) !=
        seL4_NoError) {
        rt_printf("left out: the console has the serial port\n");
        return;
    }
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, OWN, handler, seL4_WordBits, 0, serial_pin, 0, 0, vector));
    RT_CHECK(seL4_IRQHandler_SetNotification(handler, notification));
    start_loop(&listener, loop_interrupts, higher, seL4_CapNull,
               &(LoopArguments){.capability = notification,
                                .info = message(IRQAckIRQ, 0, 0),
                                .first = (seL4_Word)seL4_SysCall,
                                .then = (seL4_Word)seL4_SysRecv,
                                .other = handler});
    MEASURE("port write twice", calls, seL4_X86_IOPort_Out8(ports, serial_interrupt_enable, 0);
            seL4_X86_IOPort_Out8(ports, serial_interrupt_enable, 0), NOTHING);
    uint64_t without = last_total;
    uint64_t best = UINT64_MAX;
    row_begin("interrupt to handler, acknowledged, Wait");
    for (int round = 0; round < rounds; round++) {
        row_mark();
        uint64_t start = ticks();
        LOOP(calls, seL4_X86_IOPort_Out8(ports, serial_interrupt_enable, transmitter_empty);
             seL4_X86_IOPort_Out8(ports, serial_interrupt_enable, 0));
        uint64_t taken = ticks() - start;
        row_unmark();
        best = taken < best ? taken : best;
    }
    row_end(best, without, calls);
    RT_CHECK(seL4_IRQHandler_Clear(handler));
    stop(&listener);
}
