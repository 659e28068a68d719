/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads that count how far they come.
#pragma once

#include "support.h"

extern volatile seL4_Word counter;

/// Counts once.
void count_once(seL4_Word by);

/// Counts once each time the test lets it, by let_lower_run().
void count_for_ever(seL4_Word by);

/// Counts messages that it receives from `endpoint`.
void count_received(seL4_Word endpoint);

/// Lets a thread of priority `below` run until it gives the processor back or waits. (Threads of equal priority and
/// Yield would do too, were it not for the timer.)
void let_lower_run(void);
