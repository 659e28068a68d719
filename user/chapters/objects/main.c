/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 2 of the seL4 manual, "Kernel Services and Objects".
#include "support.h"

extern const RtTestGroup syscall_tests, untyped_tests;

CHAPTER("objects", syscall_tests, untyped_tests)
