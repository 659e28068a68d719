/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 5 of the seL4 manual, "Notifications".
#include "support.h"

extern const RtTestGroup signal_tests, binding_tests;

CHAPTER("notifications", signal_tests, binding_tests)
