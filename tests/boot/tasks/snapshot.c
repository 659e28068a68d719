// SPDX-License-Identifier: GPL-2.0-only
//
// Makes one of everything, and something half deleted, and has the kernel print a snapshot. Each `holds SLOT WHAT` says
// what tests/boot/checks.py has to find there.
#include <antimono/pool.h>
#include <antimono/runtime.h>
#include <antimono/thread.h>

#ifdef CONFIG_DEBUG_BUILD

enum { cnode = seL4_CapInitThreadCNode, depth = seL4_WordBits, zombie_tag = 18, big_bits = 18 };

static RtPool pool;
static RtThread receiver, caller, deleter;
static seL4_CPtr big_cnode;

static seL4_CPtr make(seL4_Word type, seL4_Word bits) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(&pool, type, bits, &object));
    return object;
}

static seL4_CPtr mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge) {
    seL4_CPtr slot = rt_pool_slot(&pool);
    RT_CHECK(seL4_CNode_Mint(cnode, slot, depth, cnode, source, depth, rights, badge));
    return slot;
}

static void receive(seL4_Word endpoint) { seL4_Recv(endpoint, NULL); }

static void call(seL4_Word endpoint) { seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0)); }

static void delete_big(seL4_Word unused) {
    (void)unused;
    seL4_CNode_Delete(cnode, big_cnode, depth);
}

static void make_ipc_objects(void) {
    seL4_CPtr endpoint = make(seL4_EndpointObject, 0);
    seL4_CPtr notification = make(seL4_NotificationObject, 0);
    rt_printf("holds %lu ep (RWGP)\n", endpoint);
    rt_printf("holds %lu ep (WP, badge: 0x2a)\n", mint(endpoint, seL4_CapRights_new(1, 0, 0, 1), 0x2a));
    rt_printf("holds %lu ep\n", mint(endpoint, seL4_NoRights, 0));
    rt_printf("holds %lu notification (RW)\n", notification);
    rt_printf("holds %lu notification (R, badge: 0x8000000000000000)\n",
              mint(notification, seL4_CanRead, 0x8000000000000000));
    // One thread has called, the other has not answered: reply capabilities.
    RT_CHECK(rt_thread_create(&receiver, &pool, seL4_CapNull, 200));
    RT_CHECK(rt_thread_create(&caller, &pool, endpoint, 199));
    RT_CHECK(seL4_TCB_BindNotification(receiver.tcb, notification));
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255, 100));
    RT_CHECK(rt_thread_start(&receiver, receive, endpoint));
    RT_CHECK(rt_thread_start(&caller, call, endpoint));
    seL4_DebugNameThread(receiver.tcb, "a name\n}\nof two lines \"");
    rt_printf("holds %lu tcb\n", caller.tcb);
}

static void make_cspaces(void) {
    seL4_CPtr outer = make(seL4_CapTableObject, 3), inner = make(seL4_CapTableObject, 2);
    seL4_Word guard = seL4_CNode_CapData_new(0x15, 6).words[0];
    RT_CHECK(seL4_CNode_Mint(outer, 5, 3, cnode, inner, depth, seL4_AllRights, guard));
    // One that holds itself, and its holder.
    RT_CHECK(seL4_CNode_Copy(inner, 1, 2, cnode, inner, depth, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(inner, 2, 2, cnode, outer, depth, seL4_AllRights));
    rt_printf("holds %lu cnode (guard: 0x0, guard_size: 0)\n", outer);
    rt_printf("holds %lu cnode (guard: 0x15, guard_size: 6)\n", mint(inner, seL4_AllRights, guard));
    // One that no thread reaches any more: it holds the only capability to itself.
    seL4_CPtr island = make(seL4_CapTableObject, 1);
    RT_CHECK(seL4_CNode_Move(island, 1, 1, cnode, island, depth));
    // Memory in memory.
    seL4_CPtr memory = make(seL4_UntypedObject, 13);
    seL4_CPtr part = rt_pool_slot(&pool);
    RT_CHECK(seL4_Untyped_Retype(memory, seL4_UntypedObject, 12, cnode, 0, 0, part, 1));
    seL4_CPtr inside = rt_pool_slot(&pool);
    RT_CHECK(seL4_Untyped_Retype(part, seL4_EndpointObject, 0, cnode, 0, 0, inside, 1));
    rt_printf("holds %lu ut\n", memory);
    rt_printf("holds %lu ut\n", part);
    rt_printf("holds %lu ep (RWGP)\n", inside);
    rt_printf("inside %lu %lu\ninside %lu %lu\n", part, memory, inside, part);
}

static void make_devices(void) {
    seL4_CPtr handler = rt_pool_slot(&pool), ports = rt_pool_slot(&pool);
    seL4_CPtr notification = make(seL4_NotificationObject, 0);
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, cnode, handler, depth, 0, 11, 1, 1, 7));
    RT_CHECK(seL4_IRQHandler_SetNotification(handler, mint(notification, seL4_CanWrite, 0x70)));
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x60, 0x64, cnode, ports, depth));
    rt_printf("holds %lu irq\n", handler);
    rt_printf("holds %lu io_ports\n", ports);
}

static void make_vspace(void) {
    seL4_CPtr root = make(seL4_X64_PML4Object, 0), pdpt = make(seL4_X86_PDPTObject, 0);
    seL4_CPtr directory = make(seL4_X86_PageDirectoryObject, 0), table = make(seL4_X86_PageTableObject, 0);
    seL4_CPtr large = make(seL4_X86_LargePageObject, 0), page = make(seL4_X86_4K, 0);
    seL4_CPtr read_only = mint(page, seL4_CanRead, 0);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root));
    RT_CHECK(seL4_X86_PDPT_Map(pdpt, root, 0, seL4_X86_Default_VMAttributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(directory, root, 0, seL4_X86_Default_VMAttributes));
    RT_CHECK(seL4_X86_PageTable_Map(table, root, 0, seL4_X86_Default_VMAttributes));
    RT_CHECK(seL4_X86_Page_Map(large, root, 0x600000, seL4_ReadWrite, seL4_X86_Default_VMAttributes));
    RT_CHECK(seL4_X86_Page_Map(page, root, 0x5000, seL4_ReadWrite, seL4_X86_CacheDisabled));
    RT_CHECK(seL4_X86_Page_Map(read_only, root, 0x7000, seL4_CanRead, seL4_X86_Default_VMAttributes));
    rt_printf("holds %lu pml4 (asid: (0x0, 0x2))\n", root);
    rt_printf("holds %lu frame (RWX)\nholds %lu frame (RX)\n", page, read_only);
    rt_printf("maps %lu 3 %lu (RWX)\n", directory, large);
    rt_printf("maps %lu 5 %lu (RWX, uncached)\nmaps %lu 7 %lu (RX)\n", table, page, table, page);
    rt_printf("holds %lu pdpt\nholds %lu pt\n", pdpt, make(seL4_X86_PageTableObject, 0));
    // A pool of address-space identifiers without address spaces.
    seL4_CPtr asids = rt_pool_slot(&pool);
    RT_CHECK(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, make(seL4_UntypedObject, seL4_ASIDPoolBits), cnode,
                                           asids, depth));
    rt_printf("holds %lu asid_pool\n", asids);
}

static seL4_CPtr timer_ports, timer_handler, timer_notification;

static void get_timer(void) {
    timer_ports = rt_pool_slot(&pool);
    timer_handler = rt_pool_slot(&pool);
    timer_notification = make(seL4_NotificationObject, 0);
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x40, 0x43, cnode, timer_ports, depth));
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, cnode, timer_handler, depth, 0, 2, 0, 0, 9));
    RT_CHECK(seL4_IRQHandler_SetNotification(timer_handler, timer_notification));
}

/// Sleeps about a millisecond, by the first channel of the 8254 timer.
static void sleep(void) {
    enum { frequency = 1193182, command = 0x30 /* channel 0, low byte then high byte, once */ };
    RT_CHECK(seL4_IRQHandler_Ack(timer_handler));
    RT_CHECK(seL4_X86_IOPort_Out8(timer_ports, 0x43, command));
    RT_CHECK(seL4_X86_IOPort_Out8(timer_ports, 0x40, frequency / 1000 % 256));
    RT_CHECK(seL4_X86_IOPort_Out8(timer_ports, 0x40, frequency / 1000 / 256));
    seL4_Wait(timer_notification, NULL);
}

/// A CNode with many slots is being deleted by a thread of lower priority, which an interrupt stopped.
static void make_zombie(void) {
    big_cnode = make(seL4_CapTableObject, big_bits);
    seL4_CPtr endpoint = make(seL4_EndpointObject, 0);
    for (seL4_Word slot = 0; slot < 1ul << big_bits; slot += 1024) {
        RT_CHECK(seL4_CNode_Copy(big_cnode, slot, big_bits, cnode, endpoint, depth, seL4_AllRights));
    }
    RT_CHECK(rt_thread_create(&deleter, &pool, seL4_CapNull, 50));
    RT_CHECK(rt_thread_start(&deleter, delete_big, 0));
    get_timer();
    seL4_Word whole = seL4_DebugCapIdentify(big_cnode);
    do {
        sleep();
    } while (seL4_DebugCapIdentify(big_cnode) == whole);
    if (seL4_DebugCapIdentify(big_cnode) != zombie_tag) {
        RT_PANIC("the CNode has tag %lu", (seL4_Word)seL4_DebugCapIdentify(big_cnode));
    }
    rt_printf("holds %lu cnode\n", big_cnode);
}

int main(const seL4_BootInfo* info) {
    (void)info;
    RT_CHECK(rt_pool_create(&pool, 25, 512));
    make_ipc_objects();
    make_cspaces();
    make_devices();
    make_vspace();
    make_zombie();
    seL4_DebugSnapshot();
    rt_printf("the end\n");
    return 0;
}

#else

int main(const seL4_BootInfo* info) {
    (void)info;
    rt_printf("this kernel takes no snapshots\n");
    return 0;
}

#endif
