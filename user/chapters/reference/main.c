/* SPDX-License-Identifier: BSD-2-Clause */
/// Appendix of the seL4 manual, "seL4 API Reference".
#include "support.h"

extern const RtTestGroup error_tests, method_tests, debug_tests;

CHAPTER("reference", error_tests, method_tests, debug_tests)
