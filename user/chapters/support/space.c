/* SPDX-License-Identifier: BSD-2-Clause */
#include "space.h"

#include <string.h>

enum { act_size = 16 };

/// The code of each SpaceAct. UD2 is 0f 0b.
static const unsigned char acts[][act_size] = {
    [space_read] = {0x48, 0x8b, 0x07, 0x0f, 0x0b},   // movq (%rdi), %rax
    [space_write] = {0x48, 0x89, 0x07, 0x0f, 0x0b},  // movq %rax, (%rdi)
    [space_call] = {0x0f, 0x05, 0x0f, 0x0b},         // syscall
};

seL4_Error space_make(Space* space, RtPool* pool, seL4_CPtr asid_pool, seL4_CPtr pml4) {
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    *space = (Space){
        .pml4 = pml4 != seL4_CapNull ? pml4 : make(pool, seL4_X64_PML4Object),
        .pdpt = make(pool, seL4_X86_PDPTObject),
        .directory = make(pool, seL4_X86_PageDirectoryObject),
        .table = make(pool, seL4_X86_PageTableObject),
        .code = make(pool, seL4_X86_4K),
        .tcb = make(pool, seL4_TCBObject),
        .faults = make(pool, seL4_EndpointObject),
    };
    void* page;
    RT_CHECK(rt_pool_map(pool, space->code, seL4_ReadWrite, &page));
    memcpy(page, acts, sizeof acts);
    RT_CHECK(seL4_X86_Page_Unmap(space->code));
    seL4_Error error = (seL4_Error)seL4_X86_ASIDPool_Assign(asid_pool, space->pml4);
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_X86_PDPT_Map(space->pdpt, space->pml4, SPACE_CODE, attributes);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_X86_PageDirectory_Map(space->directory, space->pml4, SPACE_CODE, attributes);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_X86_PageTable_Map(space->table, space->pml4, SPACE_CODE, attributes);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_X86_Page_Map(space->code, space->pml4, SPACE_CODE, seL4_CanRead, attributes);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_TCB_Configure(space->tcb, mint(pool, space->faults, seL4_AllRights, 1), ROOT, 0,
                                               space->pml4, 0, 0, seL4_CapNull);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_TCB_SetSchedParams(space->tcb, seL4_CapInitThreadTCB, 0, above);
    }
    return error;
}

/// Runs the thread, which is above the test, until it stops.
static SpaceOutcome run(const Space* space, seL4_UserContext* registers) {
    SpaceOutcome outcome = {0};
    RT_CHECK(seL4_TCB_WriteRegisters(space->tcb, 1, 0, RT_REGISTER_COUNT, registers));
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(space->faults, &badge);
    if (badge != 0) {
        rt_fault_read(&outcome.fault, info);
    }
    // The thread itself may be gone; then there is nothing to read.
    if (slot_is_full(space->tcb)) {
        seL4_TCB_ReadRegisters(space->tcb, 0, 0, RT_REGISTER_COUNT, registers);
    }
    return outcome;
}

SpaceOutcome space_access(const Space* space, SpaceAct act, seL4_Word address, seL4_Word value) {
    seL4_UserContext registers = {.rip = SPACE_CODE + act * act_size, .rflags = 0x202, .rdi = address, .rax = value};
    SpaceOutcome outcome = run(space, &registers);
    outcome.value = registers.rax;
    return outcome;
}

SpaceOutcome space_invoke(const Space* space, seL4_CPtr target, seL4_Word label, seL4_Word word0, seL4_Word word1) {
    seL4_UserContext registers = {.rip = SPACE_CODE + space_call * act_size,
                                  .rflags = 0x202,
                                  .rdx = (seL4_Word)seL4_SysCall,
                                  .rdi = target,
                                  .rsi = seL4_MessageInfo_new(label, 0, 0, 2).words[0],
                                  .r10 = word0,
                                  .r8 = word1};
    SpaceOutcome outcome = run(space, &registers);
    outcome.value = seL4_MessageInfo_get_label((seL4_MessageInfo_t){.words = {registers.rsi}});
    return outcome;
}
