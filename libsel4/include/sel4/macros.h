/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Attributes and helpers that the other headers use. */

#include <sel4/config.h>

#ifndef CONST
#define CONST __attribute__((__const__))
#endif

#ifndef PURE
#define PURE __attribute__((__pure__))
#endif

#define SEL4_PACKED __attribute__((packed))
#define SEL4_DEPRECATED(text) __attribute__((deprecated(text)))
/** A macro's value; its use draws a warning. */
#define SEL4_DEPRECATE_MACRO(value) _Pragma("GCC warning \"this libsel4 name is deprecated\"") value

#define LIBSEL4_UNUSED __attribute__((unused))
#define LIBSEL4_WEAK __attribute__((weak))
#define LIBSEL4_NOINLINE __attribute__((noinline))

/*
 * LIBSEL4_INLINE marks invocation stubs, LIBSEL4_INLINE_FUNC everything else. Weak functions let a program that is
 * written in another language find them at link time.
 */
#if defined(CONFIG_LIB_SEL4_INLINE_INVOCATIONS)
#define LIBSEL4_INLINE static inline
#define LIBSEL4_INLINE_FUNC static inline
#elif defined(CONFIG_LIB_SEL4_PUBLIC_SYMBOLS)
#define LIBSEL4_INLINE LIBSEL4_UNUSED LIBSEL4_WEAK
#define LIBSEL4_INLINE_FUNC LIBSEL4_UNUSED LIBSEL4_WEAK
#else
#define LIBSEL4_INLINE LIBSEL4_NOINLINE LIBSEL4_UNUSED LIBSEL4_WEAK
#define LIBSEL4_INLINE_FUNC static inline
#endif

#if defined(CONFIG_LIB_SEL4_USE_THREAD_LOCALS)
#define LIBSEL4_THREAD_LOCAL __thread
#else
#define LIBSEL4_THREAD_LOCAL
#endif

/** Refuses to compile unless expr holds. Ends itself, so that it can be written with or without a semicolon. */
#if defined(__cplusplus)
#define SEL4_COMPILE_ASSERT(name, expr) static_assert(expr, #name);
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define SEL4_COMPILE_ASSERT(name, expr) _Static_assert(expr, #name);
#else
#define SEL4_COMPILE_ASSERT(name, expr) typedef int sel4_assert_##name[(expr) ? 1 : -1] LIBSEL4_UNUSED;
#endif

/** A table of 2^index entries of 2^entry bytes has 2^size bytes. */
#define SEL4_SIZE_SANITY(index, entry, size) SEL4_COMPILE_ASSERT(index##_##entry##_##size, (index) + (entry) == (size))

/** An enumerator that makes an enumeration as wide as a machine word, whatever the compiler's options. */
#define SEL4_FORCE_LONG_ENUM(type) _enum_pad_##type = ((1ULL << ((sizeof(long) * 8) - 1)) - 1)

#define LIBSEL4_BIT(n) (1ul << (n))
