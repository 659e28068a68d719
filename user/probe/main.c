/* SPDX-License-Identifier: BSD-2-Clause */
/// Does from user mode what a user program must not be able to do, and checks that the kernel turns each attempt into
/// the fault that the seL4 kernel, version 16.0.0, makes of it: the program passes on both.
#include "subject.h"

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    const RtTestGroup groups[] = {syscall_tests,   exception_tests, vm_fault_tests,
                                  cap_fault_tests, register_tests,  reply_tests};
    return rt_run_tests("probe", groups, sizeof groups / sizeof *groups);
}
