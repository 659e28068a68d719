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

seL4_UserContext subject_registers(const Subject* subject, const char* code) {
    seL4_UserContext registers;
    seL4_Word* words = (seL4_Word*)&registers;
    for (size_t i = 0; i < RT_REGISTER_COUNT; i++) {
        words[i] = 0x0101010101010101ul * (i + 1);
    }
    registers.rip = (seL4_Word)code;
    registers.rsp = subject->thread.stack_top - 256;
    registers.rflags = 0x202;
    registers.fs_base = subject->thread.thread_pointer;
    registers.gs_base = subject->thread.thread_pointer;
    return registers;
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

RtFault subject_run(Subject* subject, const seL4_UserContext* registers) {
    seL4_UserContext copy = *registers;
    RT_CHECK(seL4_TCB_WriteRegisters(subject->thread.tcb, 1, 0, RT_REGISTER_COUNT, &copy));
    return subject_fault(subject);
}

RtFault subject_run_code(Subject* subject, const char* code) {
    seL4_UserContext registers = subject_registers(subject, code);
    return subject_run(subject, &registers);
}

RtFault subject_reply(Subject* subject, seL4_Word label, seL4_Word length, const seL4_Word* words) {
    for (seL4_Word i = 0; i < length; i++) {
        seL4_SetMR((int)i, words[i]);
    }
    seL4_Reply(seL4_MessageInfo_new(label, 0, 0, length));
    return subject_fault(subject);
}
