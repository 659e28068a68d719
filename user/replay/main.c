/* SPDX-License-Identifier: BSD-2-Clause */
/// Does a trace again and tells, for each step, who took it and what it had in its registers:
///
///     @r STEP REGISTER=VALUE...     those that are not zero, by their place in the record
///     @r STEP nobody
///     @e STEPS
#include "replay.h"

enum { exit_port = 0xf4 };

volatile Image image = {.magic = "replayed trace", .words = {0}};

/// Sees to it that thread.S finds the steps. Behind the last one everybody stops, one after the other.
static void prepare(void) {
    uint64_t at = 0;
    RT_ASSERT(image.steps <= most_records);
    for (uint64_t i = 0; i < image.steps; i++) {
        data->records[i].step = (uint64_t)&data->steps[at];
        uint64_t words = STEP_STORE_LIST / 8 + 2 * image.words[at + STEP_STORES / 8];
        RT_ASSERT(at + words <= steps_words && at + words <= image_words);
        for (uint64_t end = at + words; at < end; at++) {
            data->steps[at] = image.words[at];
        }
    }
    for (uint64_t i = image.steps; i < most_records + spare_records; i++) {
        data->records[i].step = (uint64_t)&data->steps[at];
    }
    RT_ASSERT(at + sizeof(Step) / 8 <= steps_words);
    data->steps[at] = REPLAY_INVALID;
    data->next = (uint64_t)&data->records[0];
}

static uint64_t taken(void) { return (data->next - (uint64_t)&data->records[0]) / RECORD_SIZE; }

/// A step falls to nobody. Time goes on nevertheless.
static void take_for_nobody(void) {
    volatile Record* record = &data->records[taken()];
    data->next += RECORD_SIZE;
    record->registers[RECORD_THREAD] = NOBODY;
    volatile Step* step = (volatile Step*)record->step;
    if (step->place == REPLAY_SPIN) {
        uint64_t count = step->registers[0];
        __asm__ volatile("1: decq %0; jnz 1b" : "+r"(count) : : "cc");
    }
}

/// Runs when nobody else can, or when a thread of the same priority was so kind.
static void supervise(void) {
    while (taken() < image.steps) {
        uint64_t before = taken();
        seL4_Yield();
        if (taken() == before) {
            take_for_nobody();
        }
    }
}

static void tell(void) {
    uint64_t end = taken();
    for (uint64_t i = 0; i <= image.steps && i < end; i++) {
        volatile Record* record = &data->records[i];
        rt_printf("@r %lu", i);
        if (record->registers[RECORD_THREAD] == NOBODY) {
            rt_printf(" nobody");
        } else {
            for (unsigned r = 0; r < RECORD_REGISTERS; r++) {
                if (record->registers[r] != 0) {
                    rt_printf(" %u=%lx", r, record->registers[r]);
                }
            }
        }
        rt_printf("\n");
    }
    rt_printf("@e %lu\n", image.steps);
}

/// As rt_exit() does, whose way to the port is the system's now.
static void leave(seL4_CPtr port) {
    rt_flush_console();
    seL4_X86_IOPort_Out8(port, exit_port, 0);
}

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    rt_printf("replay: %lu steps\n", image.steps);
    seL4_CPtr port = rt_take_slots(1);
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, exit_port, exit_port, seL4_CapInitThreadCNode, port,
                                          seL4_WordBits));
    seL4_CPtr first = system_create();
    prepare();
    RT_CHECK(seL4_TCB_Resume(first));
    supervise();
    tell();
    leave(port);
    return 0;
}
