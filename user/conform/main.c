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
        .operation = head >> 8 & 0x7f,
        .joined = (head >> 8 & joined) != 0,
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

static void run_script(uint64_t count) {
    Step steps[most_joined];
    while (count > 0) {
        unsigned together = 0;
        do {
            read_step(&steps[together++]);
        } while (--count > 0 && steps[together - 1].joined && together < most_joined);
        take_joined(steps, together);
    }
}

static void run_seed(const Job* job, uint64_t seed) {
    bool pretends = job->kind == job_generate;
    begin(pretends ? "steps" : "seed", seed, job->options | (seed % 8 == 0 ? option_large : 0));
    generate_begin(seed);
    for (uint64_t i = 0; i < job->count; i++) {
        Step step;
        generate_step(&step);
        if (pretends) {
            generate_learn(&step, pretend_step(&step));
            continue;
        }
        enum Outcome outcome = take_step(&step);
        tally_before(&step, outcome);
        generate_learn(&step, outcome);
        tally_after(&step, outcome);
    }
    end();
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
        if (job.kind == job_script) {
            begin("script", job.first, job.options);
            run_script(job.count);
            end();
            continue;
        }
        for (uint64_t seed = job.first; seed <= job.last; seed++) {
            run_seed(&job, seed);
        }
    }
    tally_print();
    world_close();
    rt_printf("conform: end\n");
    return 0;
}
