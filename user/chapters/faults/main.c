/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 6 of the seL4 manual, "Threads and Execution": exceptions and faults. A thread does what a user program must
/// not be able to do, and each attempt is the fault that the seL4 kernel, version 16.0.0, makes of it.
#include "subject.h"

extern const RtTestGroup handler_tests, syscall_tests, exception_tests, vm_fault_tests, cap_fault_tests, register_tests,
    reply_tests;

CHAPTER("faults", handler_tests, cap_fault_tests, syscall_tests, exception_tests, vm_fault_tests, register_tests,
        reply_tests)
