/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

enum { calls = 64 };

/// A thread from nothing to nothing: made, configured, started at higher priority; it suspends itself and is deleted.
static void life(void) {
    const seL4_Word self = slots;
    seL4_UserContext registers = {.rip = (seL4_Word)loop_exit,
                                  .rflags = 0x202,
                                  .r12 = self,
                                  .r13 = message(TCBSuspend, 0, 0),
                                  .rbp = (seL4_Word)seL4_SysCall};
    MEASURE("thread, from retype to delete", 16, seL4_Untyped_Retype(memory, seL4_TCBObject, 0, OWN, 0, 0, self, 1);
            seL4_TCB_Configure(self, seL4_CapNull, OWN, 0, seL4_CapInitThreadVSpace, 0, 0, seL4_CapNull);
            seL4_TCB_SetSchedParams(self, seL4_CapInitThreadTCB, 0, higher);
            seL4_TCB_WriteRegisters(self, 1, 0, RT_REGISTER_COUNT, &registers);
            seL4_CNode_Delete(OWN, self, seL4_WordBits), NOTHING);
    clean();
}

void measure_threads(void) {
    RtThread thread;
    seL4_UserContext registers;
    RT_CHECK(rt_thread_create(&thread, &pool, seL4_CapNull, lower));
    MEASURE("TCB SetPriority", calls, seL4_TCB_SetPriority(thread.tcb, seL4_CapInitThreadTCB, lower), NOTHING);
    MEASURE("TCB SetPriority, of the caller", calls,
            seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority), NOTHING);
    MEASURE("TCB ReadRegisters", calls, seL4_TCB_ReadRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &registers),
            NOTHING);
    MEASURE("TCB WriteRegisters", calls, seL4_TCB_WriteRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &registers),
            NOTHING);
    MEASURE("TCB Suspend", calls, seL4_TCB_Suspend(thread.tcb), NOTHING);
    life();
}
