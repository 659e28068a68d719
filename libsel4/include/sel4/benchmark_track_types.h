/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Entries of the log of kernel entries (CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES). */

#include <sel4/config.h>
#include <stdint.h>

#if defined(CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES) || defined(CONFIG_DEBUG_BUILD)
#include <sel4/macros.h>
#include <sel4/simple_types.h>

/** Why the kernel was entered. */
typedef enum {
    Entry_Unknown,
    Entry_Interrupt,
    Entry_UnknownSyscall,
    Entry_UserLevelFault,
    Entry_DebugFault,
    Entry_VMFault,
    Entry_Syscall,
    Entry_VMExit,
} entry_type_t;

/** A kernel entry; the kernel writes this layout. */
__extension__ typedef struct SEL4_PACKED kernel_entry {
    seL4_Word path : 3;
    union {
        struct {
            seL4_Word core : 3;
            seL4_Word word : 26;
        };
        struct {
            seL4_Word syscall_no : 4;
            seL4_Word cap_type : 5;
            seL4_Word is_fastpath : 1;
            seL4_Word invocation_tag : 19;
        };
    };
} kernel_entry_t;
#endif

#ifdef CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES
typedef struct benchmark_syscall_log_entry {
    uint64_t start_time;
    uint32_t duration;
    kernel_entry_t entry;
} benchmark_track_kernel_entry_t;
#endif
