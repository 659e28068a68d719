/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

void settle(void) {
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, bottom));
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
}

void crowd_make(const Crowd* crowd, seL4_Word from, seL4_Word to) {
    make_objects(seL4_TCBObject, 0, from, to - from);
    for (seL4_Word number = from; number < to; number++) {
        prepare_thread(member(number), crowd->spread ? lower - number % (lower - bottom) : crowd->priority,
                       seL4_CapNull);
        if (!crowd->stopped) {
            run_loop(member(number), crowd->loop, &crowd->arguments);
        }
    }
    if (crowd->blocks) {
        settle();
    }
}

void crowd_grow(Crowd* crowd, seL4_Word size) {
    crowd_make(crowd, crowd->size, size);
    crowd->size = size;
}
