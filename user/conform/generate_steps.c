/* SPDX-License-Identifier: BSD-2-Clause */
/// What the makers of random steps build them with.
#include "generate.h"

Step* append(void) {
    RT_ASSERT(plan.count < plan_length);
    Step* step = &plan.steps[(plan.first + plan.count++) % plan_length];
    *step = (Step){.thread = (uint8_t)actor, .call = seL4_SysCall};
    return step;
}

void set_info(Step* step, seL4_Word label) {
    step->info = label << 12 | (seL4_Word)step->cap_count << 7 | step->word_count;
}

Step* invoke(seL4_Word label, seL4_Word target, const char* caps, const seL4_Word* cap_values, unsigned words,
             const seL4_Word* word_values) {
    Step* step = append();
    step->target = target;
    while (caps[step->cap_count] != 0) {
        step->caps[step->cap_count] = cap_values[step->cap_count];
        step->cap_count++;
    }
    step->word_count = (uint8_t)words;
    for (unsigned i = 0; i < words; i++) {
        step->words[i] = word_values[i];
    }
    set_info(step, label);
    return step;
}

seL4_Word odd_word(void) {
    static const seL4_Word values[] = {0,        1,          2,         3,         7,         8,    12,
                                       64,       65,         255,       256,       4095,      4096, 0x1000,
                                       1u << 31, 0xffffffff, 1ul << 40, 1ul << 47, ~0ul >> 1, ~0ul, 1ul << 63};
    return values[random_below(sizeof values / sizeof *values)];
}

unsigned any_slot(void) { return 1 + (unsigned)random_below(model_slots - 1); }

unsigned taken_slot(void) {
    unsigned first = chance(75) ? slot_free : 1;
    for (unsigned i = 0; i < 24; i++) {
        unsigned slot = first + (unsigned)random_below(model_slots - first);
        if (model.slots[slot].kind != kind_empty) {
            return slot;
        }
    }
    return slot_notification;
}

unsigned find(enum Kind kind, unsigned otherwise) {
    unsigned slot = model_find(kind);
    return slot != 0 ? slot : otherwise;
}

unsigned free_slot(unsigned count) {
    unsigned slot = model_free(count);
    return slot != 0 ? slot : slot_free + 8;
}
