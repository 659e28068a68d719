/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 3 of the seL4 manual, "Capability Spaces".
#include "support.h"

extern const RtTestGroup copy_tests, mutate_tests, lookup_tests, address_tests, reply_tests, revocation_tests,
    derivation_tests, container_tests;

CHAPTER("cspace", copy_tests, mutate_tests, lookup_tests, address_tests, reply_tests, revocation_tests,
        derivation_tests, container_tests)
