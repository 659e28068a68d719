/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 6 of the seL4 manual, "Threads and Execution": the floating-point unit. Its registers belong to the thread;
/// nothing of them ever shows in another.
#include "image.h"

extern const RtTestGroup switch_tests, fault_tests, lifecycle_tests, flag_tests, feature_tests;

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    fpu_detect();
    const RtTestGroup groups[] = {switch_tests, fault_tests, lifecycle_tests, flag_tests, feature_tests};
    return rt_run_tests("fpu", groups, sizeof groups / sizeof *groups);
}
