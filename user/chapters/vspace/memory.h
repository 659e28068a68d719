/* SPDX-License-Identifier: BSD-2-Clause */
/// Mapping pages, and touching them.
#pragma once

#include "support.h"

#define VSPACE seL4_CapInitThreadVSpace
#define ATTRIBUTES seL4_X86_Default_VMAttributes

/// The page-fault error code's bits (Intel SDM Vol. 3A, 4.7).
enum { present = 1, write = 2, user = 4, fetch = 16 };

/// A place in the test's addresses, away from where the pool maps: a page directory further up.
static inline seL4_Word place(const RtPool* pool) { return pool->base + (5ul << seL4_HugePageBits); }

seL4_Error map(seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights);

/// Lets a thread read from or write to `address`. Returns the fault, or label 0 if there was none.
RtFault touch(RtPool* pool, seL4_Word address, bool writes);

#define EXPECT_FAULT(fault, address, status)                    \
    do {                                                        \
        RtFault got = fault;                                    \
        RT_EXPECT_EQUAL(got.label, seL4_Fault_VMFault);         \
        RT_EXPECT_EQUAL(got.words[seL4_VMFault_Addr], address); \
        RT_EXPECT_EQUAL(got.words[seL4_VMFault_FSR], status);   \
    } while (0)

#define EXPECT_NO_FAULT(fault) RT_EXPECT_EQUAL((fault).label, 0)
