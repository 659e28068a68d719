/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 8 of the seL4 manual, "Hardware I/O".
#include "support.h"

extern const RtTestGroup port_tests, control_tests, interrupt_tests, timer_tests, line_tests, pci_tests,
    long_call_tests;

CHAPTER("io", port_tests, control_tests, interrupt_tests, timer_tests, line_tests, pci_tests, long_call_tests)
