/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

seL4_Error map(seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_X86_Page_Map(frame, VSPACE, address, rights, ATTRIBUTES);
}

typedef struct {
    seL4_Word address;
    bool writes;
} Access;

static void access_memory(seL4_Word argument) {
    Access* what = (Access*)argument;
    volatile seL4_Word* word = (volatile seL4_Word*)what->address;
    if (what->writes) {
        *word = 1;
    } else {
        (void)*word;
    }
}

RtFault touch(RtPool* pool, seL4_Word address, bool writes) {
    static Access what;
    static RtThread thread;
    static seL4_CPtr faults;
    // One thread serves all accesses of a test; it is made anew when the pool is.
    static seL4_CPtr made_for;
    what = (Access){address, writes};
    if (made_for == seL4_CapNull || !slot_is_full(made_for) || thread.tcb >= pool->next_slot) {
        faults = make(pool, seL4_EndpointObject);
        RT_CHECK(rt_thread_create(&thread, pool, mint(pool, faults, seL4_AllRights, 1), above));
        made_for = thread.tcb;
    }
    RT_CHECK(rt_thread_start(&thread, access_memory, (seL4_Word)&what));
    RtFault fault = {0};
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(faults, &badge);
    if (badge != 0) {
        rt_fault_read(&fault, info);
    }
    return fault;
}
