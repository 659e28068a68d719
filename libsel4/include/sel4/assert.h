/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Assertions that are always on; see debug_assert.h for those that NDEBUG switches off. */

#include <sel4/macros.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Reports a failed assertion and does not return. The C library or the program defines it. */
void __assert_fail(const char* text, const char* file, int line, const char* function);

#ifdef __cplusplus
}
#endif

/** Ends the program with a message. */
#define seL4_Fail(text) __assert_fail(text, __FILE__, __LINE__, __func__)

/** Ends the program unless expr holds. */
#define seL4_Assert(expr)                                       \
    do {                                                        \
        if (!(expr)) {                                          \
            __assert_fail(#expr, __FILE__, __LINE__, __func__); \
        }                                                       \
    } while (0)

/** Refuses to compile unless expr holds. */
#define seL4_CompileTimeAssert(expr) SEL4_COMPILE_ASSERT(seL4_CompileTimeAssert, expr)
