/* SPDX-License-Identifier: BSD-2-Clause */
/// Carries out scripts of system calls and tells what a program sees of it. `./antimono conform` writes the scripts into
/// this image and compares kernels by what is printed.
#include "conform.h"

volatile Jobs jobs = {.magic = "conform scripts", .data = {0}};

static uint64_t at;  // the next word of the jobs

static uint64_t take(void) {
    RT_ASSERT(at < jobs.length / 8);
    return jobs.data[at++];
}

static void read_step(Step* step) {
    uint64_t head = take();
    *step = (Step){
        .thread = head & 0xff,
        .operation = head >> 8 & 0xff,
        .word_count = head >> 16 & 0xff,
        .cap_count = head >> 24 & 0xff,
        .call = (int32_t)(head >> 32),
    };
    RT_ASSERT(step->thread < thread_count && step->operation <= operation_buffer && step->word_count <= step_words &&
              step->cap_count <= step_caps);
    step->info = take();
    step->target = take();
    for (unsigned i = 0; i < step->word_count; i++) {
        step->words[i] = take();
    }
    for (unsigned i = 0; i < step->cap_count; i++) {
        step->caps[i] = take();
    }
}

static void begin(const char* kind, uint64_t name, uint64_t options) {
    world_create((options & option_large) != 0);
    steps_begin();
    digest_begin(kind, name, (options & option_verbose) != 0);
}

static void end(void) {
    digest_end();
    world_destroy();
}

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    rt_printf("conform: %lu bytes of scripts\n", jobs.length);
    world_prepare();
    while (at < jobs.length / 8) {
        Job job;
        for (unsigned i = 0; i < sizeof job / 8; i++) {
            ((uint64_t*)&job)[i] = take();
        }
        Step step;
        if (job.kind == job_script) {
            begin("script", job.first, job.options);
            for (uint64_t i = 0; i < job.count; i++) {
                read_step(&step);
                take_step(&step);
            }
            end();
            continue;
        }
        for (uint64_t seed = job.first; seed <= job.last; seed++) {
            begin("seed", seed, job.options | (seed % 8 == 0 ? option_large : 0));
            generate_begin(seed);
            for (uint64_t i = 0; i < job.count; i++) {
                generate_step(&step);
                generate_learn(&step, take_step(&step));
            }
            end();
        }
    }
    world_close();
    rt_printf("conform: end\n");
    return 0;
}
