/* SPDX-License-Identifier: BSD-2-Clause */
#include "debugged.h"

RtFault debugged_run(Subject* subject, const char* code, const void* variable) {
    const seL4_UserContext registers = {
        .rip = (seL4_Word)code,
        .rsp = subject->thread.stack_top - 256,
        .rflags = 0x202,
        .rdi = (seL4_Word)variable,
        .rdx = (seL4_Word)seL4_SysYield,
        .fs_base = subject->thread.thread_pointer,
    };
    return subject_run(subject, &registers);
}

RtFault debugged_continue(Subject* subject) { return subject_reply(subject, 0, 0, NULL); }

seL4_UserContext debugged_registers(const Subject* subject) {
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
