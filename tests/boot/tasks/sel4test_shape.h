/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

// What a run of sel4test prints, from a root task of a page: for tests of `antimono sel4test`.
#include <antimono/runtime.h>

static inline void start_test(unsigned number, const char* name) { rt_printf("Starting test %u: %s\n", number, name); }

/// As sel4test reports what a test found wrong; it goes on with the next.
static inline void report_error(const char* what) { rt_printf("\tError: %s at line 29 of file example.c\n", what); }

/// The end of the output; sel4test then waits for ever.
static inline void end_suite(unsigned passed, unsigned all) {
    if (passed == all) {
        rt_printf("Test suite passed. %u tests passed. 3 tests disabled.\nAll is well in the universe\n", all);
    } else {
        rt_printf("Test suite failed. %u/%u tests passed.\n*** FAILURES DETECTED ***\n", passed, all);
    }
    seL4_TCB_Suspend(seL4_CapInitThreadTCB);
}
