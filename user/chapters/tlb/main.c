/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 7 of the seL4 manual, "Address Spaces and Virtual Memory": what is unmapped is gone. The manual does not name
/// the translation lookaside buffer, because no program is to notice it.
#include "support.h"

extern const RtTestGroup page_tests, structure_tests, large_tests, space_tests;

CHAPTER("tlb", page_tests, structure_tests, large_tests, space_tests)
