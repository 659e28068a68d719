/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 7 of the seL4 manual, "Address Spaces and Virtual Memory".
#include "support.h"

extern const RtTestGroup page_tests, structure_tests, sharing_tests, asid_tests;

CHAPTER("vspace", page_tests, structure_tests, sharing_tests, asid_tests)
