/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 8 of the seL4 manual, "Hardware I/O": interrupts.
#include "support.h"

extern const RtTestGroup line_tests;

CHAPTER("interrupts", line_tests)
