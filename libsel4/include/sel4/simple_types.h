/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Integers of fixed width, machine words, capability pointers, and their printf formats. */

#include <sel4/arch/simple_types.h>
#include <sel4/macros.h>

typedef signed char seL4_Int8;
typedef unsigned char seL4_Uint8;
typedef signed short seL4_Int16;
typedef unsigned short seL4_Uint16;
typedef signed int seL4_Int32;
typedef unsigned int seL4_Uint32;
typedef signed long seL4_Int64;
typedef unsigned long seL4_Uint64;

/** An integer type has this many bytes. */
#define seL4_integer_size_assert(type, bytes) \
    SEL4_COMPILE_ASSERT(sizeof_##type##_is_##bytes##_byte, sizeof(type) == bytes)

seL4_integer_size_assert(seL4_Int8, 1) seL4_integer_size_assert(seL4_Uint8, 1) seL4_integer_size_assert(seL4_Int16, 2)
    seL4_integer_size_assert(seL4_Uint16, 2) seL4_integer_size_assert(seL4_Int32, 4)
        seL4_integer_size_assert(seL4_Uint32, 4) seL4_integer_size_assert(seL4_Int64, 8)
            seL4_integer_size_assert(seL4_Uint64, 8)

#define SEL4_PRId64 "ld"
#define SEL4_PRIi64 "li"
#define SEL4_PRIu64 "lu"
#define SEL4_PRIx64 "lx"

#define seL4_True 1
#define seL4_False 0
                typedef seL4_Int8 seL4_Bool;

#ifdef __cplusplus
#define seL4_Null 0L
#else
#define seL4_Null ((void*)0)
#endif

/** A machine word. */
typedef seL4_Uint64 seL4_Word;

#define SEL4_PRId_word "ld"
#define SEL4_PRIi_word "li"
#define SEL4_PRIu_word "lu"
#define SEL4_PRIx_word "lx"
#define SEL4_PRI_word SEL4_PRIu_word

/** A capability pointer: an address in a capability space. */
typedef seL4_Word seL4_CPtr;

#include <sel4/sel4_arch/constants.h>

SEL4_COMPILE_ASSERT(seL4_WordSizeBits_matches, sizeof(seL4_Word) == (1u << seL4_WordSizeBits))
SEL4_COMPILE_ASSERT(seL4_WordBits_matches, 8 * sizeof(seL4_Word) == seL4_WordBits)
