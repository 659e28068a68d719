/* SPDX-License-Identifier: BSD-2-Clause */
/// The threads that take part in what is measured.
#include "bench.h"

extern char rt_image_base[], loops_page[];

/// An address space with one page: the loops, at their usual address.
static seL4_CPtr other_space(void) {
    static seL4_CPtr space;
    if (space != seL4_CapNull) {
        return space;
    }
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    const seL4_Word page = ((seL4_Word)loops_page - (seL4_Word)rt_image_base) >> seL4_PageBits;
    const seL4_Word address = (seL4_Word)loops_page;
    seL4_CPtr frame = mint(rt_boot_info()->userImageFrames.start + page, seL4_AllRights, 0);
    space = make(seL4_X64_PML4Object);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, space));
    RT_CHECK(seL4_X86_PDPT_Map(make(seL4_X86_PDPTObject), space, address, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(make(seL4_X86_PageDirectoryObject), space, address, attributes));
    RT_CHECK(seL4_X86_PageTable_Map(make(seL4_X86_PageTableObject), space, address, attributes));
    RT_CHECK(seL4_X86_Page_Map(frame, space, address, seL4_CanRead, attributes));
    return space;
}

void start_loop(RtThread* thread, const char* loop, seL4_Word priority, seL4_CPtr faults,
                const LoopArguments* arguments) {
    RT_CHECK(rt_thread_create(thread, &pool, faults, priority));
    run_loop(thread->tcb, loop, arguments);
}

void start_loop_elsewhere(RtThread* thread, const char* loop, seL4_Word priority, seL4_CPtr faults,
                          const LoopArguments* arguments) {
    RT_CHECK(rt_thread_create(thread, &pool, faults, priority));
    RT_CHECK(seL4_TCB_SetSpace(thread->tcb, faults, OWN, 0, other_space(), 0));
    run_loop(thread->tcb, loop, arguments);
}

void stop(RtThread* thread) { RT_CHECK(seL4_TCB_Suspend(thread->tcb)); }
