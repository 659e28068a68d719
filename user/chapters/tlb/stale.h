/* SPDX-License-Identifier: BSD-2-Clause */
/// Translations that the processor must have forgotten.
///
/// The test's own thread reads and writes, in its own address space: between an access that makes the processor remember
/// a translation and the next there is nothing but the system call under test. On a processor without page-table
/// isolation that call loads no CR3, so a translation that the kernel does not invalidate is still there.
#pragma once

#include "support.h"

#define VSPACE seL4_CapInitThreadVSpace
#define ATTRIBUTES seL4_X86_Default_VMAttributes

enum { page_size = 1 << seL4_PageBits };

/// Page-fault error codes (Intel SDM Vol. 3A, 4.7), for accesses by user programs.
enum { absent_read = 4, absent_write = 6, forbidden_read = 5, forbidden_write = 7 };

/// Where tests map: an entry of the PML4 that nobody else uses.
#define PLACE 0x6a0000000000ul

/// The paging structures for PLACE that build() made and mapped.
typedef struct {
    seL4_CPtr pdpt, directory, table;
} Structures;

/// Makes the first `levels` of PDPT, page directory and page table.
Structures build(RtPool* pool, int levels);

seL4_Error map(seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights);

/// A new frame, which holds `value` in its first word and is not mapped.
seL4_CPtr frame_with(RtPool* pool, seL4_Word value);

/// The same, mapped at PLACE.
seL4_CPtr mapped_frame(RtPool* pool, seL4_Word value);

/// Reads at `address` and expects `value`: from now on the processor remembers the translation.
#define REMEMBER(address, expected)                                                                              \
    do {                                                                                                         \
        RtAccess got = rt_try_read(address);                                                                     \
        if (got.faulted || got.value != (expected)) {                                                            \
            rt_fail(__FILE_NAME__, __LINE__, "reading %#lx: %s %#lx", (seL4_Word)(address),                      \
                    got.faulted ? "fault" : "got", got.faulted ? got.fault.words[seL4_VMFault_FSR] : got.value); \
        }                                                                                                        \
    } while (0)

/// The access is a page fault with `status`; anything else means that a forgotten mapping is still remembered.
#define EXPECT_FORGOTTEN(access, address, status)                                                             \
    do {                                                                                                      \
        RtAccess got = access;                                                                                \
        if (!got.faulted) {                                                                                   \
            rt_fail(__FILE_NAME__, __LINE__, "%s used a stale translation (value %#lx)", #access, got.value); \
        } else {                                                                                              \
            RT_EXPECT_EQUAL(got.fault.label, seL4_Fault_VMFault);                                             \
            RT_EXPECT_EQUAL(got.fault.words[seL4_VMFault_Addr], address);                                     \
            RT_EXPECT_EQUAL(got.fault.words[seL4_VMFault_FSR], status);                                       \
        }                                                                                                     \
    } while (0)
