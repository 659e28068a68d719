/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Entries of the trace-point log (CONFIG_BENCHMARK_TRACEPOINTS). */

#include <sel4/config.h>

#ifdef CONFIG_BENCHMARK_TRACEPOINTS
#include <sel4/simple_types.h>

typedef struct benchmark_tracepoint_log_entry {
    seL4_Word id;
    seL4_Word duration;
} benchmark_tracepoint_log_entry_t;
#endif
