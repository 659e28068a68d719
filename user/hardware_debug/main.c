/* SPDX-License-Identifier: BSD-2-Clause */
/// Breakpoints, watchpoints, single steps and software break requests (seL4 manual, "Debug Exception"), on a kernel
/// with HARDWARE_DEBUG_API. Passes on the seL4 kernel, version 16.0.0, too.
#include "debugged.h"

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    const RtTestGroup groups[] = {argument_tests, breakpoint_tests, step_tests, isolation_tests};
    return rt_run_tests("hardware_debug", groups, sizeof groups / sizeof *groups);
}
