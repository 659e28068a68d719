/* SPDX-License-Identifier: BSD-2-Clause */
/// What can be seen only before the tests' own preparations.
#pragma once

#include "support.h"

enum { most_slots = 1 << 16 };

/// The root CNode as it was: bit N % 8 of byte N / 8 is set if slot N held a capability.
extern unsigned char first_slots[most_slots / 8];
static inline bool was_full(seL4_Word slot) { return (first_slots[slot / 8] >> slot % 8 & 1) != 0; }

/// A thread of priority seL4_MaxPrio did not run before the first thread let it, and then did.
extern bool started_at_once, ran_after_yield;

/// Called first in main().
void first_look(void);
