/* SPDX-License-Identifier: BSD-2-Clause */
/// The domain schedule, and threads that note in which order domains have their turns.
#pragma once

#include "support.h"

/// A turn that does not end within a test: the longest that there is. [ticks]
#define FOR_EVER ((1ul << 56) - 1)

seL4_Error configure(seL4_Word index, seL4_Word domain, seL4_Word duration);
seL4_Error set_start(seL4_Word index);
seL4_Error set_domain(seL4_Word domain, seL4_CPtr tcb);

/// One entry of a schedule.
typedef struct {
    seL4_Word domain, duration;
} Turn;

/// Configures `count` entries from `index` on with an end marker behind them, and starts there.
void follow(seL4_Word index, size_t count, const Turn* turns);

/// The schedule of the start: domain 0 for ever, in entry 0, with end markers behind it.
void only_domain_0(void);

/// Which domains ran one after the other, as far as threads noted it.
extern volatile seL4_Word order[64], order_length;

/// Notes that a thread of `domain` runs.
void note_turn(seL4_Word domain);

/// What a thread runs: it notes turns of the domain that is its argument, for ever.
void note_turns(seL4_Word domain);

/// Makes a thread of `domain` that runs `entry(argument)` when the domain has its turn.
void start_in_domain(RtThread* thread, RtPool* pool, seL4_Word domain, seL4_Word priority, RtThreadEntry entry,
                     seL4_Word argument);
