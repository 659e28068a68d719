/* SPDX-License-Identifier: BSD-2-Clause */
/// Random numbers, the same for the same seed.
#include "hostile.h"

static uint64_t state;

void random_seed(uint64_t seed) { state = seed; }

uint64_t random_word(void) {
    // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t random_below(uint64_t limit) { return (random_word() >> 16) % limit; }

bool chance(unsigned percent) { return random_below(100) < percent; }

uint64_t odd_word(void) {
    static const uint64_t interesting[] = {
        0,
        1,
        2,
        63,
        64,
        65,
        127,
        255,
        256,
        0xfff,
        0x1000,
        0xffff,
        0x10000,
        0x7fffffff,
        0x80000000,
        0xffffffff,
        0x7fffffffffff,
        0x800000000000,
        0x7ffffffff000,
        0xffff800000000000,
        0xffffff8000000000,
        0xffffffff80000000,
        0x7fffffffffffffff,
        0x8000000000000000,
        0xffffffffffffffff,
        WORKER_CODE,
        WORKER_SCRATCH,
        WORKER_STACK,
        WORKER_BUFFER,
    };
    switch (random_below(4)) {
    case 0:
        return interesting[random_below(sizeof interesting / sizeof *interesting)];
    case 1:
        return interesting[random_below(sizeof interesting / sizeof *interesting)] + random_below(17) - 8;
    case 2:
        return (uint64_t)1 << random_below(64);
    default:
        return random_word() >> random_below(64);
    }
}
