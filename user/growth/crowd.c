/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

void make_thread(seL4_CPtr tcb, seL4_Word priority) {
    RT_CHECK(seL4_TCB_Configure(tcb, seL4_CapNull, OWN, 0, seL4_CapInitThreadVSpace, 0, 0, seL4_CapNull));
    RT_CHECK(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 0, priority));
}

void start_thread(seL4_CPtr tcb, const char* loop, const LoopArguments* arguments) {
    seL4_UserContext registers = {
        .rip = (seL4_Word)loop,
        .rflags = 0x202,
        .r12 = arguments->capability,
        .r13 = arguments->info,
        .rbp = arguments->first,
        .r14 = arguments->then,
        .rbx = arguments->other,
    };
    RT_CHECK(seL4_TCB_WriteRegisters(tcb, 1, 0, RT_REGISTER_COUNT, &registers));
}

void settle(void) {
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, bottom));
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
}

void crowd_make(const Crowd* crowd, seL4_Word from, seL4_Word to) {
    make_objects(seL4_TCBObject, 0, from, to - from);
    for (seL4_Word number = from; number < to; number++) {
        make_thread(member(number), crowd->spread ? lower - number % (lower - bottom) : crowd->priority);
        if (!crowd->stopped) {
            start_thread(member(number), crowd->loop, &crowd->arguments);
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
