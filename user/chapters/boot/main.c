/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 9 of the seL4 manual, "System Bootstrapping".
#include "boot.h"

extern const RtTestGroup environment_tests, image_tests, memory_tests;

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    first_look();
    const RtTestGroup groups[] = {environment_tests, image_tests, memory_tests};
    return rt_run_tests("boot", groups, sizeof groups / sizeof *groups);
}
