/* SPDX-License-Identifier: BSD-2-Clause */
/// The steps of random scripts. Everything here follows from the seed and from what earlier steps showed, so a kernel that
/// answers alike gets the same script.
///
/// What would hang the run or depend on the machine is left out (make_safe()): interrupts of real devices, ports that do
/// something, two runnable threads of one priority, registers that no user program may have.
#include "generate.h"

enum { slots_every = 40 };

Plan plan;
unsigned actor;
static unsigned taken;

static const struct {
    uint8_t weight;
    void (*make)(void);
} makers[] = {
    {24, make_retype},     {7, make_copy},      {8, make_mint},     {4, make_move},       {3, make_move_away},
    {2, make_mutate},      {3, make_rotate},    {7, make_delete},   {4, make_revoke},     {2, make_cancel_badged_sends},
    {3, make_save_caller}, {6, make_registers}, {4, make_space},    {4, make_priorities}, {6, make_lifecycle},
    {3, make_buffer},      {4, make_spawn},     {40, make_ipc},     {9, make_fault},      {7, make_map_table},
    {9, make_map_page},    {6, make_unmap},     {8, make_touch},    {5, make_asid},       {6, make_ports},
    {5, make_interrupts},  {1, make_domain},    {5, make_nonsense},
};

/// Somebody has to be able to take a step.
static bool restart_somebody(void) {
    unsigned idle = idle_threads();
    if (idle > 1 || (idle == 1 && chance(80))) {
        return false;
    }
    unsigned thread;
    do {
        thread = (unsigned)random_below(thread_count);
    } while (is_idle(thread));
    actor = thread;
    append()->operation = operation_restart;
    return true;
}

static void choose_actor(void) {
    do {
        actor = (unsigned)random_below(thread_count);
    } while (!is_idle(actor));
}

static void make_plan(void) {
    if (restart_somebody()) {
        return;
    }
    choose_actor();
    unsigned total = 0;
    for (unsigned i = 0; i < sizeof makers / sizeof *makers; i++) {
        total += makers[i].weight;
    }
    unsigned left = (unsigned)random_below(total), i = 0;
    while (left >= makers[i].weight) {
        left -= makers[i++].weight;
    }
    makers[i].make();
    if (chance(6)) {
        spoil(&plan.steps[(plan.first + plan.count - 1) % plan_length]);
    }
    if (chance(3)) {
        plan.steps[(plan.first + plan.count - 1) % plan_length].call = chance(50) ? seL4_SysNBSend : seL4_SysSend;
    }
    for (unsigned k = 0; k < plan.count; k++) {
        make_safe(&plan.steps[(plan.first + k) % plan_length]);
    }
}

void generate_begin(uint64_t seed) {
    random_seed(seed);
    model_begin(seed % 8 == 0);
    plan.first = plan.count = 0;
    taken = 0;
}

void generate_step(Step* step) {
    if (++taken % slots_every == 0) {
        *step = (Step){.operation = operation_slots, .word_count = 1, .words = {model_slots}};
        return;
    }
    if (plan.count > 0 && !is_idle(plan.steps[plan.first].thread) &&
        plan.steps[plan.first].operation < operation_restart) {
        plan.count = 0;  // the thread waits: the rest cannot be
    }
    if (plan.count == 0) {
        make_plan();
    }
    *step = plan.steps[plan.first];
    plan.first = (plan.first + 1) % plan_length;
    plan.count--;
}

void generate_learn(const Step* step, enum Outcome outcome) {
    if (outcome != outcome_skipped) {
        model_learn(step, outcome);
    }
    if (step->operation == operation_restart) {
        model.threads[step->thread] = (ThreadModel){0};
    }
}
