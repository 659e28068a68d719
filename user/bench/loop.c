/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

void prepare_thread(seL4_CPtr tcb, seL4_Word priority, seL4_CPtr faults) {
    RT_CHECK(seL4_TCB_Configure(tcb, faults, OWN, 0, seL4_CapInitThreadVSpace, 0, 0, seL4_CapNull));
    RT_CHECK(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 0, priority));
}

void run_loop(seL4_CPtr tcb, const char* loop, const LoopArguments* arguments) {
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
