/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file seL4_DebugAssert: an assertion unless NDEBUG is defined. */

#ifdef NDEBUG
#define seL4_DebugAssert(expr) ((void)(0))
#else
#include <sel4/assert.h>
#define seL4_DebugAssert(expr) seL4_Assert(expr)
#endif
