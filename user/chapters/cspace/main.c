/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 3 of the seL4 manual, "Capability Spaces".
#include "support.h"

extern const RtTestGroup copy_tests, lookup_tests, revocation_tests;

CHAPTER("cspace", copy_tests, lookup_tests, revocation_tests)
