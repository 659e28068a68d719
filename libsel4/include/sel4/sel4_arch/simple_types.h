/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file The data model: int has 32 bits, long and pointers have 64. */

#define SEL4_WORD_IS_UINT64
#define SEL4_INT64_IS_LONG
