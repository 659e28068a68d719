/* SPDX-License-Identifier: BSD-2-Clause */
/// The system that traces start from, made as the modelled machine's initial thread makes it: each object in the root
/// CNode, from where its capability is moved to the system's own CNode. What is moved and what is copied matters: it decides
/// which capability is an object's last. From here on the system's first thread goes on by itself, with steps that the tool
/// puts before the trace.
#include "replay.h"

enum {
    space_bits = 6,
    threads = 4,
    buffers = 3,
    buffer_base = 0x40f000,
    first_port = 0x320,
    last_port = 0x327,
    handler_pin = 5,
    handler_vector = 12,
    device_bits = 30,
    slots = 64,
    code_flags = 0x202,
};

/// tests/machine/base_system.hpp
enum Slot {
    slot_self = 1,
    slot_plain,
    slot_second_cnode,
    slot_untyped_small,
    slot_untyped_large,
    slot_device_untyped,
    slot_endpoint,
    slot_other_endpoint,
    slot_badged_endpoint,
    slot_notification,
    slot_bound_notification,
    slot_initial_tcb,
    slot_tcb,
    slot_vspace = 16,
    slot_other_vspace,
    slot_asid_control,
    slot_asid_pool,
    slot_irq_control,
    slot_irq_handler,
    slot_io_port_control,
    slot_io_port,
    slot_domain,
    slot_frame,
    slot_page_table = 29,
    slot_fault_endpoint,
    slot_free_vspace,
};

extern const char replay_code[], replay_code_end[];

volatile Data* const data = (volatile Data*)REPLAY_DATA;

static const seL4_CPtr own = seL4_CapInitThreadCNode;
static const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
static seL4_CPtr memory, space, next_slot;

static seL4_CPtr make(seL4_Word type, seL4_Word bits) {
    RT_CHECK(seL4_Untyped_Retype(memory, type, bits, own, 0, 0, next_slot, 1));
    return next_slot++;
}

static void copy(enum Slot to, seL4_CPtr from) {
    RT_CHECK(seL4_CNode_Copy(space, to, space_bits, own, from, seL4_WordBits, seL4_AllRights));
}

static void mint(enum Slot to, seL4_CPtr from, seL4_Word badge) {
    RT_CHECK(seL4_CNode_Mint(space, to, space_bits, own, from, seL4_WordBits, seL4_AllRights, badge));
}

static void move(enum Slot to, seL4_CPtr from) {
    RT_CHECK(seL4_CNode_Move(space, to, space_bits, own, from, seL4_WordBits));
}

// -- Memory ------------------------------------------------------------------------------------------------------------

static void map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word address, seL4_CapRights_t rights) {
    RT_CHECK(seL4_X86_Page_Map(frame, vspace, address, rights, attributes));
}

static seL4_CPtr copy_of(seL4_CPtr capability) {
    RT_CHECK(seL4_CNode_Copy(own, next_slot, seL4_WordBits, own, capability, seL4_WordBits, seL4_AllRights));
    return next_slot++;
}

static seL4_CPtr make_code(void) {
    seL4_CPtr frame = make(seL4_X86_4K, 0);
    volatile char* page = (volatile char*)(REPLAY_DATA - (1 << seL4_PageBits));
    map(frame, seL4_CapInitThreadVSpace, (seL4_Word)page, seL4_ReadWrite);
    RT_ASSERT(replay_code_end - replay_code <= 1 << seL4_PageBits);
    for (long i = 0; i < replay_code_end - replay_code; i++) {
        page[i] = replay_code[i];
    }
    RT_CHECK(seL4_X86_Page_Unmap(frame));
    return frame;
}

static seL4_CPtr make_vspace(void) {
    seL4_CPtr vspace = make(seL4_X64_PML4Object, 0);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace));
    RT_CHECK(seL4_X86_PDPT_Map(make(seL4_X86_PDPTObject, 0), vspace, REPLAY_CODE, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(make(seL4_X86_PageDirectoryObject, 0), vspace, REPLAY_CODE, attributes));
    RT_CHECK(seL4_X86_PageTable_Map(make(seL4_X86_PageTableObject, 0), vspace, REPLAY_CODE, attributes));
    // The supervisor's own tables cover the address but for the last one, which the large page does not need.
    RT_CHECK(seL4_X86_PageTable_Map(make(seL4_X86_PageTableObject, 0), seL4_CapInitThreadVSpace,
                                    REPLAY_DATA - (1 << seL4_PageBits), attributes));
    map(make_code(), vspace, REPLAY_CODE, seL4_CanRead);
    seL4_CPtr shared, large;
    RT_CHECK(rt_take_untyped(REPLAY_DATA_BITS, &large));
    shared = next_slot++;
    RT_CHECK(seL4_Untyped_Retype(large, seL4_X86_LargePageObject, 0, own, 0, 0, shared, 1));
    map(copy_of(shared), vspace, REPLAY_DATA, seL4_ReadWrite);
    map(shared, seL4_CapInitThreadVSpace, REPLAY_DATA, seL4_ReadWrite);
    return vspace;
}

/// The first device memory above all RAM: nothing happens when a trace reads or writes there.
static seL4_CPtr make_device(void) {
    const seL4_BootInfo* info = rt_boot_info();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untypedList[i].isDevice && info->untypedList[i].sizeBits > 32) {
            RT_CHECK(
                seL4_Untyped_Retype(info->untyped.start + i, seL4_UntypedObject, device_bits, own, 0, 0, next_slot, 1));
            return next_slot++;
        }
    }
    RT_PANIC("no device memory above 4 GiB");
}

// -- The system --------------------------------------------------------------------------------------------------------

static seL4_CPtr make_thread(seL4_Word number) {
    seL4_CPtr tcb = make(seL4_TCBObject, 0);
    seL4_UserContext registers = {.rip = REPLAY_CODE, .rflags = code_flags, .rbx = number};
    RT_CHECK(seL4_TCB_WriteRegisters(tcb, 0, 0, sizeof registers / sizeof(seL4_Word), &registers));
    return tcb;
}

static void make_objects(seL4_CPtr vspace, seL4_CPtr first) {
    mint(slot_self, space, seL4_CNode_CapData_new(0, seL4_WordBits - space_bits).words[0]);
    copy(slot_plain, space);
    move(slot_second_cnode, make(seL4_CapTableObject, 4));
    move(slot_untyped_large, make(seL4_UntypedObject, 16));
    move(slot_untyped_small, make(seL4_UntypedObject, 13));
    move(slot_device_untyped, make_device());
    seL4_CPtr endpoint = make(seL4_EndpointObject, 0);
    mint(slot_badged_endpoint, endpoint, 5);
    mint(slot_fault_endpoint, endpoint, 9);
    move(slot_endpoint, endpoint);
    move(slot_other_endpoint, make(seL4_EndpointObject, 0));
    move(slot_notification, make(seL4_NotificationObject, 0));
    move(slot_bound_notification, make(seL4_NotificationObject, 0));
    copy(slot_initial_tcb, first);
    copy(slot_vspace, vspace);
    seL4_CPtr other = make(seL4_X64_PML4Object, 0);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, other));
    move(slot_other_vspace, other);
    copy(slot_asid_control, seL4_CapASIDControl);
    copy(slot_asid_pool, seL4_CapInitThreadASIDPool);
    copy(slot_domain, seL4_CapDomain);
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, space, slot_irq_handler, space_bits, 0, handler_pin, 0, 0,
                                       handler_vector));
    RT_CHECK(
        seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first_port, last_port, space, slot_io_port, space_bits));
    move(slot_irq_control, seL4_CapIRQControl);
    move(slot_io_port_control, seL4_CapIOPortControl);
    for (unsigned i = 0; i < 4; i++) {
        seL4_CPtr frame = make(seL4_X86_4K, 0);
        if (i < buffers) {
            map(frame, vspace, buffer_base + ((seL4_Word)i << seL4_PageBits), seL4_ReadWrite);
        }
        move(slot_frame + i, frame);
    }
    move(slot_page_table, make(seL4_X86_PageTableObject, 0));
    move(slot_free_vspace, make(seL4_X64_PML4Object, 0));
    for (unsigned i = 0; i < threads - 1; i++) {
        move(slot_tcb + i, make_thread(i + 1));
    }
}

seL4_CPtr system_create(void) {
    next_slot = rt_take_slots(slots);
    RT_ASSERT(next_slot != seL4_CapNull);
    RT_CHECK(rt_take_untyped(20, &memory));
    space = make(seL4_CapTableObject, space_bits);
    seL4_CPtr vspace = make_vspace();
    seL4_CPtr buffer = make(seL4_X86_4K, 0);
    map(buffer, vspace, REPLAY_BUFFER, seL4_ReadWrite);
    for (unsigned i = 1; i <= REPLAY_MORE_PAGES; i++) {
        map(make(seL4_X86_4K, 0), vspace, REPLAY_BUFFER + ((seL4_Word)i << seL4_PageBits), seL4_ReadWrite);
    }
    seL4_CPtr first = make_thread(0);
    make_objects(vspace, first);
    RT_CHECK(seL4_TCB_Configure(first, slot_fault_endpoint, space,
                                seL4_CNode_CapData_new(0, seL4_WordBits - space_bits).words[0], vspace, 0,
                                REPLAY_BUFFER, buffer));
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 0));
    RT_CHECK(seL4_TCB_SetSchedParams(first, seL4_CapInitThreadTCB, seL4_MaxPrio, seL4_MaxPrio));
    return first;
}
