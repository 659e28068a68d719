/* SPDX-License-Identifier: BSD-2-Clause */
/// Throws everything at the kernel that a confined program can: every invocation label with random arguments, kinds of
/// capabilities and message lengths at every kind of capability, random system calls, bad IPC buffers, code and registers
/// that make no sense. Afterwards nothing may be lost and the kernel must work as before. Status 0 says so.
///
/// For kernels without debug calls. On one with DEBUG_BUILD it works too, but the kernel may print about errors.
#include "hostile.h"

enum { calls_per_round = 5000, progress_steps = 20 };

volatile Parameters parameters = {.magic = "hostile params", .calls = 100000, .seed = 1};

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    const uint64_t calls = parameters.calls;
    random_seed(parameters.seed);
    rt_printf("hostile: %lu calls, seed %lu\n", calls, parameters.seed);
    inventory_take();
    sandbox_prepare();
    workers_create();
    uint64_t rounds = 0, next_progress = calls / progress_steps;
    while (tally_calls() < calls) {
        const uint64_t left = calls - tally_calls();
        sandbox_build();
        workers_run(left < calls_per_round ? left : calls_per_round);
        sandbox_destroy();
        rounds++;
        if (tally_calls() >= next_progress) {
            tally_progress(rounds);
            next_progress = tally_calls() + calls / progress_steps;
        }
    }
    tally_print();
    workers_destroy();
    sandbox_close();
    inventory_check();
    return 0;
}
