/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads that keep a pattern in the FPU while others run.
#pragma once

#include "image.h"

/// A thread with a pattern of its own, which checks it each time it runs.
typedef struct {
    RtThread thread;
    unsigned seed;
    seL4_CPtr wait_for;              ///< an endpoint or a notification
    volatile seL4_Word rounds;       ///< how often it was back
    volatile unsigned changed;       ///< what was changed first, as fpu_difference() tells
    volatile seL4_Word* other_turn;  ///< for keepers that take turns
    volatile seL4_Word turn;
} FpuKeeper;

/// Makes a thread that waits for messages or signals, its pattern in the FPU, and replies.
void fpu_keeper_start(FpuKeeper* keeper, RtPool* pool, seL4_Word priority, seL4_CPtr wait_for, unsigned seed);

/// Fails the test if the keeper's state was changed, or if it was not back `rounds` times.
void fpu_expect_kept(const FpuKeeper* keeper, seL4_Word rounds);

/// A system call of the test's thread, across which the state with `seed` must stay. Returns the answer.
seL4_MessageInfo_t fpu_expect_across_call(const char* what, unsigned seed, seL4_Word number, seL4_CPtr target,
                                          seL4_MessageInfo_t info, const seL4_Word words[4]);

/// A thread above the test that runs one of the fpu_across functions with the pattern 9. Its faults arrive at `faults`.
typedef struct {
    RtThread thread;
    seL4_CPtr faults;
    FpuImage in, out;
    RtThreadEntry act;
    seL4_Word address;
    volatile bool done;
} FpuSubject;

extern FpuSubject subject;

/// `address` is for the act.
void fpu_subject_start(RtPool* pool, RtThreadEntry act, seL4_Word address);

/// It went on and found its state.
void fpu_expect_subject_kept(const char* when);
