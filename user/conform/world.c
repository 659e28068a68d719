/* SPDX-License-Identifier: BSD-2-Clause */
/// What a script finds.
///
///     root of each thread (no capability names it)
///      |- 0   the scripts' CNode, 256 slots
///      |- 1   the thread's own TCB
///      |- 2   IRQControl, IOPortControl, Domain, ASIDControl: can be invoked, but neither moved nor deleted
///
/// Everything comes from one untyped capability that the supervisor alone holds. Revoking it ends the world.
#include "conform.h"

enum {
    world_bits = 23,
    device_bits = 32,
    root_bits = 3,
    control_bits = 4,
    own_bits = CONFIG_ROOT_CNODE_SIZE_BITS,
    windows_slots = 5,  // code, record, buffer, scratch, shared
    first_port = 0x320,
    last_port = 0x32f,
    handler_pin = 3,
    handler_vector = 100,
    most_entries = 8,  // of the domain schedule, that scripts use
};

extern const char conform_code[], conform_code_end[];

Window windows[window_count];
static volatile uint64_t* shared;

static const seL4_CPtr own = seL4_CapInitThreadCNode;
static seL4_CPtr memory, device, ports, handler, controls, top;
static seL4_Word device_address, base_address;
static seL4_CPtr frames[window_count][windows_slots];  // the supervisor's copies for the windows
static RtPool pool;

/// Slots of the supervisor's CSpace for one world's objects.
static struct {
    seL4_CPtr root, vspace, tables[3], roots[thread_count], tcbs[thread_count], probe;
} world;

static const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;

static seL4_CPtr new_slot(void) {
    seL4_CPtr slot = rt_take_slots(1);
    RT_ASSERT(slot != seL4_CapNull);
    return slot;
}

seL4_CPtr world_tcb(unsigned thread) { return world.tcbs[thread]; }
seL4_CPtr world_root(void) { return world.root; }
seL4_CPtr world_slot_address(unsigned slot) { return (1ul << own_bits) | slot; }

uint64_t world_address(uint64_t address) {
    if (address - base_address < 1ul << world_bits) {
        return address - base_address + 0xaaaa00000000;
    }
    if (address - device_address < 1ul << device_bits) {
        return address - device_address + 0xdddd00000000;
    }
    return address;
}

// -- Once --------------------------------------------------------------------------------------------------------------

static seL4_CPtr copy_of(seL4_CPtr capability) {
    seL4_CPtr slot = new_slot();
    RT_CHECK(seL4_CNode_Copy(own, slot, seL4_WordBits, own, capability, seL4_WordBits, seL4_AllRights));
    return slot;
}

static void make_windows(void) {
    void* address;
    seL4_CPtr code, shared_frame, first;
    RT_CHECK(rt_pool_map_pages(&pool, 1, &address, &code));
    for (const char* from = conform_code; from < conform_code_end; from++) {
        ((volatile char*)address)[from - conform_code] = *from;
    }
    RT_CHECK(rt_pool_map_pages(&pool, 1, &address, &shared_frame));
    shared = address;
    shared[SHARED_PARK_INFO] = seL4_MessageInfo_new(TCBSuspend, 0, 0, 0).words[0];
    shared[SHARED_PARK_CALL] = (seL4_Word)seL4_SysNBSend;
    for (unsigned i = 0; i < window_count; i++) {
        RT_CHECK(rt_pool_map_pages(&pool, 3, &address, &first));
        windows[i].record = address;
        windows[i].buffer = (seL4_IPCBuffer*)((seL4_Word)address + (1 << seL4_PageBits));
        windows[i].scratch = (seL4_Word*)((seL4_Word)address + (2 << seL4_PageBits));
        frames[i][0] = copy_of(code);
        frames[i][1] = copy_of(first);
        frames[i][2] = copy_of(first + 1);
        frames[i][3] = copy_of(first + 2);
        frames[i][4] = copy_of(shared_frame);
    }
}

/// The first device memory above all RAM: no script looks at what is there, but it makes large frames without clearing.
static void find_device(void) {
    const seL4_BootInfo* info = rt_boot_info();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= device_bits) {
            device = new_slot();
            device_address = info->untypedList[i].paddr;
            RT_CHECK(
                seL4_Untyped_Retype(info->untyped.start + i, seL4_UntypedObject, device_bits, own, 0, 0, device, 1));
            return;
        }
    }
    RT_PANIC("no device memory of 2^%u bytes", device_bits);
}

/// Puts a CNode of two slots above the root CNode, so that the scripts' CNode can be reached beside it.
static void extend_own_space(void) {
    RT_CHECK(rt_pool_retype(&pool, seL4_CapTableObject, 1, &top));
    RT_CHECK(seL4_CNode_Mint(top, 0, 1, own, own, seL4_WordBits, seL4_AllRights, 0));
    RT_CHECK(seL4_TCB_SetSpace(seL4_CapInitThreadTCB, 0, top,
                               seL4_CNode_CapData_new(0, seL4_WordBits - own_bits - 1).words[0],
                               seL4_CapInitThreadVSpace, 0));
}

void world_prepare(void) {
    RT_CHECK(rt_take_untyped(world_bits, &memory));
    RT_CHECK(rt_pool_create(&pool, 20, 128));
    extend_own_space();
    make_windows();
    find_device();
    RT_CHECK(rt_pool_retype(&pool, seL4_CapTableObject, control_bits, &controls));
    ports = new_slot();
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first_port, last_port, own, ports, seL4_WordBits));
    handler = new_slot();
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, own, handler, seL4_WordBits, 0, handler_pin, 0, 0,
                                       handler_vector));
    RT_CHECK(seL4_CNode_Move(controls, 0, control_bits, own, seL4_CapIRQControl, seL4_WordBits));
    RT_CHECK(seL4_CNode_Move(controls, 1, control_bits, own, seL4_CapIOPortControl, seL4_WordBits));
    RT_CHECK(seL4_CNode_Copy(controls, 2, control_bits, own, seL4_CapDomain, seL4_WordBits, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(controls, 3, control_bits, own, seL4_CapASIDControl, seL4_WordBits, seL4_AllRights));
    seL4_CPtr guarded = new_slot();
    RT_CHECK(seL4_CNode_Mint(own, guarded, seL4_WordBits, own, controls, seL4_WordBits, seL4_AllRights,
                             seL4_CNode_CapData_new(0, slot_bits - control_bits).words[0]));
    controls = guarded;
    seL4_CPtr* slots = (seL4_CPtr*)&world;
    for (unsigned i = 0; i < sizeof world / sizeof *slots; i++) {
        slots[i] = new_slot();
    }
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, supervisor_priority));
}

void world_close(void) {
    // The second slot of the controls has a guard before it.
    RT_CHECK(seL4_CNode_Move(own, seL4_CapIOPortControl, seL4_WordBits, controls, 1, slot_bits));
}

// -- One world ---------------------------------------------------------------------------------------------------------

static void make(seL4_Word type, seL4_Word bits, seL4_CPtr slot) {
    RT_CHECK(seL4_Untyped_Retype(memory, type, bits, own, 0, 0, slot, 1));
}

/// An object whose only capability is the scripts'.
static void provide(seL4_Word type, seL4_Word bits, enum Slot slot, seL4_Word count) {
    RT_CHECK(seL4_Untyped_Retype(memory, type, bits, own, world.root, seL4_WordBits, slot, count));
}

static void give(enum Slot slot, seL4_CPtr capability) {
    RT_CHECK(seL4_CNode_Copy(world.root, slot, slot_bits, own, capability, seL4_WordBits, seL4_AllRights));
}

/// A copy of what the scripts' CNode holds already.
static void mint(enum Slot slot, enum Slot from, seL4_CapRights_t rights, seL4_Word badge) {
    RT_CHECK(seL4_CNode_Mint(world.root, slot, slot_bits, world.root, from, slot_bits, rights, badge));
}

static void map_windows(void) {
    static const seL4_Word offsets[windows_slots] = {WINDOW_CODE, WINDOW_RECORD, WINDOW_BUFFER, WINDOW_SCRATCH,
                                                     WINDOW_SHARED};
    RT_CHECK(seL4_X86_PDPT_Map(world.tables[0], world.vspace, WINDOW_BASE, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(world.tables[1], world.vspace, WINDOW_BASE, attributes));
    RT_CHECK(seL4_X86_PageTable_Map(world.tables[2], world.vspace, WINDOW_BASE, attributes));
    for (unsigned w = 0; w < window_count; w++) {
        for (unsigned i = 0; i < windows_slots; i++) {
            seL4_Word address = WINDOW_BASE + ((seL4_Word)w << WINDOW_SHIFT) + offsets[i];
            RT_CHECK(seL4_X86_Page_Map(frames[w][i], world.vspace, address, i == 0 ? seL4_CanRead : seL4_ReadWrite,
                                       attributes));
        }
        seL4_Word* pages[3] = {(seL4_Word*)windows[w].record, (seL4_Word*)windows[w].buffer, windows[w].scratch};
        for (unsigned p = 0; p < 3; p++) {
            for (unsigned i = 0; i < 512; i++) {
                pages[p][i] = 0;
            }
        }
    }
    shared[SHARED_ORDER] = 0;
}

static seL4_Error configure(unsigned thread) {
    seL4_Error error = (seL4_Error)seL4_TCB_Configure(
        world.tcbs[thread], slot_fault + thread, world.roots[thread],
        seL4_CNode_CapData_new(0, seL4_WordBits - root_bits - slot_bits).words[0], world.vspace, 0,
        WINDOW_BASE + ((seL4_Word)thread << WINDOW_SHIFT) + WINDOW_BUFFER, frames[thread][2]);
    seL4_Word priority = first_priority + thread;
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_TCB_SetSchedParams(world.tcbs[thread], seL4_CapInitThreadTCB, seL4_MaxPrio, priority);
    }
    return error;
}

static void make_thread(unsigned thread) {
    make(seL4_TCBObject, 0, world.tcbs[thread]);
    make(seL4_CapTableObject, root_bits, world.roots[thread]);
    seL4_CPtr root = world.roots[thread];
    RT_CHECK(seL4_CNode_Copy(root, 0, root_bits, own, world.root, seL4_WordBits, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(root, 1, root_bits, own, world.tcbs[thread], seL4_WordBits, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(root, 2, root_bits, own, controls, seL4_WordBits, seL4_AllRights));
    give(slot_tcb + thread, world.tcbs[thread]);
    RT_CHECK(configure(thread));
}

static void fill_root(void) {
    RT_CHECK(seL4_CNode_Mint(top, 1, 1, own, world.root, seL4_WordBits, seL4_AllRights,
                             seL4_CNode_CapData_new(0, own_bits - slot_bits).words[0]));
    give(slot_root, world.root);
    RT_CHECK(seL4_CNode_Mint(world.root, slot_guarded_root, slot_bits, own, world.root, seL4_WordBits, seL4_AllRights,
                             seL4_CNode_CapData_new(0, seL4_WordBits - slot_bits).words[0]));
    provide(seL4_CapTableObject, node_bits, slot_node, 1);
    give(slot_vspace, world.vspace);
    give(slot_asid_pool, seL4_CapInitThreadASIDPool);
    give(slot_io_port, ports);
    give(slot_irq_handler, handler);
    provide(seL4_EndpointObject, 0, slot_endpoint, 1);
    mint(slot_badged_endpoint, slot_endpoint, seL4_AllRights, 0x11);
    mint(slot_send_endpoint, slot_endpoint, seL4_CanWrite, 0x22);
    provide(seL4_NotificationObject, 0, slot_notification, 1);
    mint(slot_badged_notification, slot_notification, seL4_AllRights, 4);
    provide(seL4_NotificationObject, 0, slot_other_notification, 1);
    provide(seL4_X86_4K, 0, slot_frame, 3);
    provide(seL4_EndpointObject, 0, slot_fault_endpoint, 1);
    for (unsigned i = 0; i < thread_count; i++) {
        mint(slot_fault + i, slot_fault_endpoint, seL4_AllRights, 1 + i);
    }
    provide(seL4_X86_PageTableObject, 0, slot_page_table, 1);
    provide(seL4_UntypedObject, 17, slot_untyped, 1);
    provide(seL4_UntypedObject, 15, slot_small_untyped, 1);
    RT_CHECK(seL4_Untyped_Retype(device, seL4_UntypedObject, 31, own, world.root, seL4_WordBits, slot_device, 1));
}

void world_create(bool large) {
    make(seL4_CapTableObject, slot_bits, world.root);
    make(seL4_X64_PML4Object, 0, world.vspace);
    make(seL4_X86_PDPTObject, 0, world.tables[0]);
    make(seL4_X86_PageDirectoryObject, 0, world.tables[1]);
    make(seL4_X86_PageTableObject, 0, world.tables[2]);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, world.vspace));
    map_windows();
    fill_root();
    for (unsigned i = 0; i < thread_count; i++) {
        make_thread(i);
    }
    // Where the world's memory is: its first frame tells, for the memory is aligned to its size.
    seL4_CPtr probe = world.probe;
    make(seL4_X86_4K, 0, probe);
    seL4_X86_Page_GetAddress_t address = seL4_X86_Page_GetAddress(probe);
    RT_CHECK(address.error);
    base_address = address.paddr & ~((1ul << world_bits) - 1);
    RT_CHECK(seL4_CNode_Delete(own, probe, seL4_WordBits));
    if (large) {
        provide(seL4_UntypedObject, 22, slot_large_untyped, 1);  // takes the upper half of the memory
    }
}

void world_destroy(void) {
    for (unsigned i = 0; i < thread_count; i++) {
        RT_CHECK(seL4_TCB_Suspend(world.tcbs[i]));
    }
    for (unsigned w = 0; w < window_count; w++) {
        for (unsigned i = 0; i < windows_slots; i++) {
            RT_CHECK(seL4_X86_Page_Unmap(frames[w][i]));
        }
    }
    RT_CHECK(seL4_CNode_Revoke(own, memory, seL4_WordBits));
    RT_CHECK(seL4_CNode_Revoke(own, device, seL4_WordBits));
    // What a script took over from what remains.
    RT_CHECK(seL4_CNode_Revoke(own, handler, seL4_WordBits));
    RT_CHECK(seL4_IRQHandler_Clear(handler));
#if CONFIG_NUM_DOMAINS > 1
    // The schedule as boot leaves it: the first entry, which is domain 0's, and no other.
    RT_CHECK(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
    for (seL4_Word i = 1; i < most_entries; i++) {
        RT_CHECK(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, i, 0, 0));
    }
#endif
}

seL4_Error world_restart(unsigned thread) {
    RT_CHECK(seL4_TCB_Suspend(world.tcbs[thread]));
    return configure(thread);
}

seL4_Error world_run(unsigned thread, seL4_UserContext* registers, seL4_Word entry) {
    seL4_Word base = WINDOW_BASE + ((seL4_Word)thread << WINDOW_SHIFT);
    registers->rip = base + WINDOW_CODE + entry;
    // What a system call leaves (thread.S).
    registers->rsp = 0;
    registers->rcx = base + WINDOW_CODE + ENTRY_NEXT;
    registers->rflags = registers->r11 = ENTRY_FLAGS;
    return (seL4_Error)seL4_TCB_WriteRegisters(world.tcbs[thread], 1, 0, sizeof *registers / sizeof(seL4_Word),
                                               registers);
}
