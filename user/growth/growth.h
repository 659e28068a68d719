/* SPDX-License-Identifier: BSD-2-Clause */
/// How the cost of operations grows with what there is: capabilities, threads, levels of a capability space, pages and
/// address spaces. Ticks are executed instructions, as in user/bench, from which the measuring and the loops come.
///
///     main.c           the list of groups
///     capabilities.c   copies and children of an object, objects of an untyped
///     crowd.c          many threads
///     threads.c        ready, queued and stopped ones
///     levels.c         deep capability spaces
///     spaces.c         pages of an address space, address spaces of a pool
///
/// For each point of a curve a line `point KIND: CURVE at SIZE: TICKS ticks, OPERATIONS operations` is printed, TICKS being
/// the least of several rounds.
#pragma once

#include "bench.h"

enum {
    repeats = 3,
    bottom = 10,  ///< the program's priority while all others run
    batch = 256,  ///< objects of one retype
    growth_memory_bits = 25,
    largest_cnode_bits = 17,
    most_capabilities = 100000,
    most_threads = 4096,
};

/// A CNode of 2^`largest_cnode_bits` slots, addressed by `seL4_CNode_*` with its own depth.
extern seL4_CPtr big;
/// Empty slots in the root CNode, `most_threads` and some more. `growth_clean` empties them, `big` and `memory`.
void growth_clean(void);
/// `count` objects in slots from `slots + at` on, out of `memory`.
void make_objects(seL4_Word type, seL4_Word bits, seL4_Word at, seL4_Word count);

/// Prints a point.
void point(const char* kind, const char* curve, seL4_Word size, uint64_t best, seL4_Word operations);

/// `operations` times `body`, with `before` and `after` around each round. `i` counts the operations of a round and
/// `round` the rounds.
#define POINT(kind, curve, size, operations, before, body, after)             \
    do {                                                                      \
        uint64_t best_ticks = UINT64_MAX;                                     \
        for (seL4_Word round = 0; round < repeats; round++) {                 \
            before;                                                           \
            uint64_t start_ticks = ticks();                                   \
            LOOP(operations, body);                                           \
            uint64_t taken_ticks = ticks() - start_ticks;                     \
            best_ticks = taken_ticks < best_ticks ? taken_ticks : best_ticks; \
            after;                                                            \
        }                                                                     \
        point(kind, curve, size, best_ticks, operations);                     \
    } while (0)

// -- Crowds of threads -------------------------------------------------------------------------------------------------

/// What the threads of a crowd do, and at which priority. With `spread` they have all priorities from `lower` down to
/// `bottom + 1` in turn.
typedef struct Crowd {
    const char* loop;
    LoopArguments arguments;
    seL4_Word priority;
    bool spread;
    bool stopped;  ///< they never start
    bool blocks;   ///< they run until they wait
    seL4_Word size;
} Crowd;

/// The TCB of a thread of a crowd; another thread's can go to `spare_thread`.
static inline seL4_CPtr member(seL4_Word number) { return slots + number; }
static inline seL4_CPtr spare_thread(void) { return slots + most_threads; }

/// Adds threads until there are `size`.
void crowd_grow(Crowd* crowd, seL4_Word size);
/// Makes members `from` to `to` (not included) anew, or for the first time.
void crowd_make(const Crowd* crowd, seL4_Word from, seL4_Word to);
/// Lets all others run until they wait.
void settle(void);

void measure_capabilities(void);
void measure_crowds(void);
void measure_levels(void);
void measure_pages(void);
