/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 6 of the seL4 manual, "Threads and Execution": threads and scheduling. (Faults, the FPU and domains have
/// programs of their own.)
#include "support.h"

extern const RtTestGroup configure_tests, space_tests, lifecycle_tests, register_tests, read_tests, priority_tests,
    scheduling_tests, tls_tests;

CHAPTER("threads", configure_tests, space_tests, lifecycle_tests, register_tests, read_tests, priority_tests,
        scheduling_tests, tls_tests)
