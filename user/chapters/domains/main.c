/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 6 of the seL4 manual, "Threads and Execution": domains.
#include "support.h"

extern const RtTestGroup error_tests, turn_tests;

CHAPTER("domains", error_tests, turn_tests)
