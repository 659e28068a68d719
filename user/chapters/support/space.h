/* SPDX-License-Identifier: BSD-2-Clause */
/// Address spaces other than the test's, each with a thread in it.
#pragma once

#include "support.h"

/// The first page of such a space: code. Behind it come 511 pages for the test, whose page table is there already.
#define SPACE_CODE 0x10000000ul
#define SPACE_DATA (SPACE_CODE + 4096)

/// What the thread can be made to do. Each ends with an invalid instruction, unless it faults before.
typedef enum {
    space_read,   ///< reads the word at `address` into `value`
    space_write,  ///< writes `value` to `address`
    space_call,   ///< seL4_Call with a message of up to four words
} SpaceAct;

typedef struct Space {
    seL4_CPtr pml4, pdpt, directory, table, code, tcb, faults;
} Space;

/// Makes the space, with an identifier from `asid_pool`, and its thread, which has priority `above`, the root CNode as
/// capability space and no IPC buffer. `pml4` is a PML4 without identifier, or seL4_CapNull to make one.
seL4_Error space_make(Space* space, RtPool* pool, seL4_CPtr asid_pool, seL4_CPtr pml4);

/// What a thread in a space did: `fault.label` is seL4_Fault_UserException if it came to the end, and then `value` is
/// what it read.
typedef struct SpaceOutcome {
    RtFault fault;
    seL4_Word value;
} SpaceOutcome;

SpaceOutcome space_access(const Space* space, SpaceAct act, seL4_Word address, seL4_Word value);

/// Lets the thread make the call, and returns its fault; `value` is the label that the kernel answered.
SpaceOutcome space_invoke(const Space* space, seL4_CPtr target, seL4_Word label, seL4_Word word0, seL4_Word word1);

/// The thread came to the end of what it did.
#define EXPECT_SPACE_DONE(outcome) RT_EXPECT_EQUAL((outcome).fault.label, seL4_Fault_UserException)

/// It had a page fault at `address`.
#define EXPECT_SPACE_FAULT(outcome, address)                                 \
    do {                                                                     \
        SpaceOutcome rt_outcome = outcome;                                   \
        RT_EXPECT_EQUAL(rt_outcome.fault.label, seL4_Fault_VMFault);         \
        RT_EXPECT_EQUAL(rt_outcome.fault.words[seL4_VMFault_Addr], address); \
    } while (0)
