/* SPDX-License-Identifier: BSD-2-Clause */
#include "subject.h"

void subject_make(Subject* subject, RtPool* pool) {
    seL4_CPtr handler = rt_pool_slot(pool);
    RT_CHECK(rt_pool_retype(pool, seL4_EndpointObject, 0, &subject->faults));
    // Badged, so that a fault can be told from nothing: see subject_fault().
    RT_CHECK(seL4_CNode_Mint(seL4_CapInitThreadCNode, handler, seL4_WordBits, seL4_CapInitThreadCNode, subject->faults,
                             seL4_WordBits, seL4_AllRights, 1));
    RT_CHECK(rt_thread_create(&subject->thread, pool, handler, RT_TEST_PRIORITY + 1));
}

/// The subject has a higher priority than the test: when the test runs, it has faulted or it waits.
static RtFault subject_fault(Subject* subject) {
    RtFault fault = {0};
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(subject->faults, &badge);
    if (badge != 0) {
        rt_fault_read(&fault, info);
    }
    return fault;
}

RtFault subject_run(Subject* subject, const char* code, const void* variable) {
    seL4_UserContext registers = {
        .rip = (seL4_Word)code,
        .rsp = subject->thread.stack_top - 256,
        .rflags = 0x202,
        .rdi = (seL4_Word)variable,
        .rdx = (seL4_Word)seL4_SysYield,
        .fs_base = subject->thread.thread_pointer,
    };
    RT_CHECK(seL4_TCB_WriteRegisters(subject->thread.tcb, 1, 0, RT_REGISTER_COUNT, &registers));
    return subject_fault(subject);
}

RtFault subject_reply(Subject* subject, seL4_Word label, seL4_Word length, const seL4_Word* words) {
    for (seL4_Word i = 0; i < length; i++) {
        seL4_SetMR((int)i, words[i]);
    }
    seL4_Reply(seL4_MessageInfo_new(label, 0, 0, length));
    return subject_fault(subject);
}

RtFault subject_continue(Subject* subject) { return subject_reply(subject, 0, 0, NULL); }

seL4_UserContext subject_registers(const Subject* subject) {
    seL4_UserContext registers;
    RT_CHECK(seL4_TCB_ReadRegisters(subject->thread.tcb, 0, 0, RT_REGISTER_COUNT, &registers));
    return registers;
}

seL4_Error break_at(const Subject* subject, seL4_Uint16 number, const char* place) {
    return (seL4_Error)seL4_TCB_SetBreakpoint(subject->thread.tcb, number, ADDRESS(place), seL4_InstructionBreakpoint,
                                              0, seL4_BreakOnRead);
}

seL4_Error watch(const Subject* subject, seL4_Uint16 number, const volatile void* variable, seL4_Word size,
                 seL4_Word access) {
    return (seL4_Error)seL4_TCB_SetBreakpoint(subject->thread.tcb, number, (seL4_Word)variable, seL4_DataBreakpoint,
                                              size, access);
}
