/* SPDX-License-Identifier: BSD-2-Clause */
/// What a script's steps showed, as numbers that fit into a line:
///
///     @s KIND NAME STEPS TOTAL CODES
///
/// TOTAL is a digest of 64 bits of everything. CODES has 16 bits for each step, in base64: the outcome, and 12 bits of the
/// digest up to there. With option_verbose there are lines before it, one for each thing that was seen:
///
///     @t KIND NAME STEP WORDS...          a step, as the tool writes steps
///     @w KIND NAME STEP THREAD CAPTION INDEX=WORD...  those that are not zero
///     @o KIND NAME STEP OUTCOME
#include "conform.h"

enum { most_steps = 1 << 14 };

static struct {
    const char* kind;
    uint64_t name, hash, steps;
    bool verbose;
    uint16_t codes[most_steps];
} digest;

void digest_word(uint64_t word) {
    uint64_t hash = (digest.hash ^ word) * 0x9e3779b97f4a7c15;
    digest.hash = hash ^ hash >> 29;
}

static void head(char letter) { rt_printf("@%c %s %lu %lu", letter, digest.kind, digest.name, digest.steps); }

void digest_begin(const char* kind, uint64_t name, bool verbose) {
    digest.kind = kind;
    digest.name = name;
    digest.hash = 0x243f6a8885a308d3;
    digest.steps = 0;
    digest.verbose = verbose;
}

void digest_step(const Step* step) {
    if (!digest.verbose) {
        return;
    }
    head('t');
    rt_printf(" %u %u %d %#lx %#lx %u %u", step->thread, step->operation | (step->joined ? joined : 0), step->call,
              step->info, step->target, step->word_count, step->cap_count);
    for (unsigned i = 0; i < step->word_count; i++) {
        rt_printf(" %#lx", step->words[i]);
    }
    for (unsigned i = 0; i < step->cap_count; i++) {
        rt_printf(" %#lx", step->caps[i]);
    }
    rt_printf("\n");
}

void digest_words(const char* caption, uint64_t thread, const volatile uint64_t* words, unsigned count) {
    digest_word(thread);
    for (unsigned i = 0; i < count; i++) {
        digest_word(words[i]);
    }
    if (digest.verbose) {
        head('w');
        rt_printf(" %lu %s", thread, caption);
        for (unsigned i = 0; i < count; i++) {
            if (words[i] != 0) {
                rt_printf(" %u=%lx", i, words[i]);
            }
        }
        rt_printf("\n");
    }
}

void digest_step_contents(const Step* step) {
    digest_word(step->thread | (uint64_t)step->operation << 8 | (uint64_t)step->word_count << 16 |
                (uint64_t)step->cap_count << 24 | (uint64_t)(uint32_t)step->call << 32);
    digest_word(step->info);
    digest_word(step->target);
    for (unsigned i = 0; i < step->word_count; i++) {
        digest_word(step->words[i]);
    }
    for (unsigned i = 0; i < step->cap_count; i++) {
        digest_word(step->caps[i]);
    }
}

void digest_step_end(enum Outcome outcome) {
    digest_word(outcome);
    if (digest.verbose) {
        head('o');
        rt_printf(" %u\n", outcome);
    }
    RT_ASSERT(digest.steps < most_steps);
    digest.codes[digest.steps++] = (uint16_t)((unsigned)outcome << 12 | (digest.hash >> 52));
}

void digest_end(void) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    rt_printf("\n@s %s %lu %lu %016lx ", digest.kind, digest.name, digest.steps, digest.hash);
    // Three codes are six bytes are eight digits; what is missing at the end is zero.
    for (uint64_t i = 0; i < digest.steps; i += 3) {
        uint64_t bits = 0;
        for (uint64_t k = i; k < i + 3; k++) {
            bits = bits << 16 | (k < digest.steps ? digest.codes[k] : 0);
        }
        for (int shift = 42; shift >= 0; shift -= 6) {
            rt_put_character(digits[bits >> shift & 63]);
        }
    }
    rt_printf("\n");
}
