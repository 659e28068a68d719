/* SPDX-License-Identifier: BSD-2-Clause */
/// The basic system calls and invocations, each with the errors that the seL4 manual documents for it, seen from user
/// mode. What is expected here is what the seL4 kernel, version 16.0.0, does: the program passes on both.
#include "support.h"

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    const RtTestGroup groups[] = {syscall_tests, ipc_tests, transfer_tests, untyped_tests,
                                  cnode_tests,   tcb_tests, vspace_tests};
    return rt_run_tests("basics", groups, sizeof groups / sizeof *groups);
}
