/* SPDX-License-Identifier: BSD-2-Clause */
/// Steps that are not taken: how they end follows from the steps before alone, so that what the generator makes of it can be
/// summed up without any kernel's answers.
#include "conform.h"

static uint64_t state;

void pretend_begin(void) { state = 0; }

/// One of eight, by the steps so far.
static bool seldom(void) {
    state = state * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
    return state >> 61 == 0;
}

static enum Outcome pretended_outcome(const Step* step) {
    if (step->operation == operation_restart) {
        set_idle(step->thread, true);
    }
    if (is_supervised(step)) {
        return outcome_done;
    }
    if (!is_idle(step->thread)) {
        return outcome_skipped;
    }
    for (unsigned i = 0; i < thread_count; i++) {
        set_idle(i, is_idle(i) || seldom());
    }
    if (seldom()) {
        set_idle(step->thread, false);
        return outcome_waits;
    }
    bool succeeds = step->operation != operation_syscall || step->call != seL4_SysCall || !seldom();
    return outcome_with(step, succeeds ? seL4_NoError : seL4_IllegalOperation);
}

enum Outcome pretend_step(const Step* step) {
    digest_step(step);
    digest_step_contents(step);
    enum Outcome outcome = pretended_outcome(step);
    digest_step_end(outcome);
    return outcome;
}
