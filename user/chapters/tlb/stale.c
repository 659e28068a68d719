/* SPDX-License-Identifier: BSD-2-Clause */
#include "stale.h"

Structures build(RtPool* pool, int levels) {
    Structures made = {0};
    if (levels >= 1) {
        made.pdpt = make(pool, seL4_X86_PDPTObject);
        RT_CHECK(seL4_X86_PDPT_Map(made.pdpt, VSPACE, PLACE, ATTRIBUTES));
    }
    if (levels >= 2) {
        made.directory = make(pool, seL4_X86_PageDirectoryObject);
        RT_CHECK(seL4_X86_PageDirectory_Map(made.directory, VSPACE, PLACE, ATTRIBUTES));
    }
    if (levels >= 3) {
        made.table = make(pool, seL4_X86_PageTableObject);
        RT_CHECK(seL4_X86_PageTable_Map(made.table, VSPACE, PLACE, ATTRIBUTES));
    }
    return made;
}

seL4_Error map(seL4_CPtr frame, seL4_Word address, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_X86_Page_Map(frame, VSPACE, address, rights, ATTRIBUTES);
}

seL4_CPtr frame_with(RtPool* pool, seL4_Word value) {
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    void* address;
    RT_CHECK(rt_pool_map(pool, frame, seL4_ReadWrite, &address));
    *(volatile seL4_Word*)address = value;
    RT_CHECK(seL4_X86_Page_Unmap(frame));
    return frame;
}

seL4_CPtr mapped_frame(RtPool* pool, seL4_Word value) {
    seL4_CPtr frame = frame_with(pool, value);
    RT_CHECK(map(frame, PLACE, seL4_ReadWrite));
    return frame;
}
