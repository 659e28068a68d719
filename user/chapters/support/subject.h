/* SPDX-License-Identifier: BSD-2-Clause */
/// The thread that does what it should not, and what its fault handler hears of it.
#pragma once

#include "support.h"

/// Each piece of code begins at NAME; what it is to fault at is NAME_at.
#define SUBJECT_CODE(name) extern const char name[], name##_at[]

typedef struct Subject {
    RtThread thread;
    seL4_CPtr faults;  ///< where the test receives
} Subject;

/// A thread that runs before the test goes on, whose faults the test receives.
void subject_make(Subject* subject, RtPool* pool);

/// Registers to start `code` with: a value of its own in every general register, the flags that a new thread has.
seL4_UserContext subject_registers(const Subject* subject, const char* code);

/// Starts the subject with these registers and returns its fault; label 0 if none came before it waited.
RtFault subject_run(Subject* subject, const seL4_UserContext* registers);

/// The same with subject_registers().
RtFault subject_run_code(Subject* subject, const char* code);

/// Replies to the fault with `length` words and returns the next fault.
RtFault subject_reply(Subject* subject, seL4_Word label, seL4_Word length, const seL4_Word* words);

/// What the kernel makes of RFLAGS that a user program gives a thread: bit 1 and IF set, TF and everything from IOPL up
/// clear.
static inline seL4_Word sanitised_flags(seL4_Word flags) { return ((flags | 0x202) & ~0x128ul) & 0xfff; }

/// The checks name what they look at, since many run in loops: `what` and `which` are printed.
#define EXPECT_WORD(what, which, got, expected)                                                                    \
    do {                                                                                                           \
        seL4_Word rt_got = (seL4_Word)(got), rt_expected = (seL4_Word)(expected);                                  \
        if (rt_got != rt_expected) {                                                                               \
            rt_fail(__FILE_NAME__, __LINE__, "%s %#lx: %s is %#lx, expected %#lx", what, (seL4_Word)(which), #got, \
                    rt_got, rt_expected);                                                                          \
        }                                                                                                          \
    } while (0)
