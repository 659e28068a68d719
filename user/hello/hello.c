/* SPDX-License-Identifier: BSD-2-Clause */
/// A first root task: shows what the kernel handed over, then uses each basic mechanism once, in the order in which
/// the seL4 manual introduces them. Runs on Antimono and on the seL4 kernel and prints the same on both.
#include "boot_info.h"

#include <antimono/fault.h>
#include <antimono/pool.h>
#include <antimono/runtime.h>
#include <antimono/thread.h>

/// Badges tell the receiver which capability a message came through.
enum { call_badge = 0x2a, fault_badge = 0xfa };

enum { pool_bits = 20 };

/// What the second thread reads without its being there.
#define MISSING_PAGE_OFFSET 0x40000000ul

typedef struct {
    RtPool pool;
    seL4_CPtr endpoint;
    seL4_CPtr calling;   // badged with call_badge: the second thread calls through it
    seL4_CPtr faulting;  // badged with fault_badge: the kernel sends the second thread's faults through it
    RtThread thread;
} Hello;

static Hello hello;

static void make_objects(void) {
    rt_printf("\n1. Objects come from untyped memory\n");
    seL4_CPtr notification, cnode;
    RT_CHECK(rt_pool_create(&hello.pool, pool_bits, 64));
    rt_printf("   a pool of 2^%d bytes\n", pool_bits);
    RT_CHECK(rt_pool_retype(&hello.pool, seL4_EndpointObject, 0, &hello.endpoint));
    rt_printf("   an endpoint, 2^%d bytes\n", seL4_EndpointBits);
    RT_CHECK(rt_pool_retype(&hello.pool, seL4_NotificationObject, 0, &notification));
    rt_printf("   a notification, 2^%d bytes\n", seL4_NotificationBits);
    RT_CHECK(rt_pool_retype(&hello.pool, seL4_CapTableObject, 4, &cnode));
    rt_printf("   a CNode of 16 slots, 2^%d bytes\n", 4 + seL4_SlotBits);
    rt_printf("   %lu bytes in use, alignment included\n", hello.pool.used);
}

static void mint_capabilities(void) {
    rt_printf("\n2. Capabilities are copied with fewer rights and a badge\n");
    hello.calling = rt_pool_slot(&hello.pool);
    RT_CHECK(seL4_CNode_Mint(seL4_CapInitThreadCNode, hello.calling, seL4_WordBits, seL4_CapInitThreadCNode,
                             hello.endpoint, seL4_WordBits, seL4_CapRights_new(1, 0, 0, 1), call_badge));
    rt_printf("   to call the endpoint, badge %#x\n", call_badge);
    hello.faulting = rt_pool_slot(&hello.pool);
    RT_CHECK(seL4_CNode_Mint(seL4_CapInitThreadCNode, hello.faulting, seL4_WordBits, seL4_CapInitThreadCNode,
                             hello.endpoint, seL4_WordBits, seL4_CapRights_new(1, 0, 0, 1), fault_badge));
    rt_printf("   to send faults to it, badge %#x\n", fault_badge);
}

static void map_page(void) {
    rt_printf("\n3. A page appears where it is mapped\n");
    seL4_CPtr frame;
    void* address;
    RT_CHECK(rt_pool_retype(&hello.pool, seL4_X86_4K, 0, &frame));
    RT_CHECK(rt_pool_map(&hello.pool, frame, seL4_ReadWrite, &address));
    volatile seL4_Word* word = address;
    rt_printf("   mapped at %p, with a PDPT, a page directory and a page table\n", address);
    rt_printf("   its first word is %#lx,", *word);
    *word = 0xc0ffee;
    rt_printf(" now %#lx\n", *word);
    RT_CHECK(seL4_X86_Page_Unmap(frame));
    RT_CHECK(seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, (seL4_Word)address, seL4_CanRead,
                               seL4_X86_Default_VMAttributes));
    rt_printf("   mapped again, read only: %#lx\n", *word);
}

/// The second thread. It calls the first one, then touches a page that is not there, and reports what it found.
static void second_thread(seL4_Word missing_page) {
    seL4_SetMR(0, 6);
    seL4_SetMR(1, 7);
    seL4_MessageInfo_t answer = seL4_Call(hello.calling, seL4_MessageInfo_new(1, 0, 0, 2));
    RT_ASSERT(seL4_MessageInfo_get_length(answer) == 1 && seL4_GetMR(0) == 42);

    seL4_Word found = *(volatile seL4_Word*)missing_page;
    seL4_SetMR(0, found);
    seL4_Call(hello.calling, seL4_MessageInfo_new(2, 0, 0, 1));
}

static void serve_call(void) {
    rt_printf("\n4. A second thread calls through the endpoint\n");
    RT_CHECK(rt_thread_create(&hello.thread, &hello.pool, hello.faulting, seL4_MaxPrio - 1));
    RT_CHECK(rt_thread_start(&hello.thread, second_thread, hello.pool.base + MISSING_PAGE_OFFSET));
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(hello.endpoint, &badge);
    seL4_Word left = seL4_GetMR(0), right = seL4_GetMR(1);
    rt_printf("   received: badge %#lx, label %lu, %lu words: %lu %lu\n", badge, seL4_MessageInfo_get_label(info),
              seL4_MessageInfo_get_length(info), left, right);
    RT_ASSERT(badge == call_badge);
    seL4_SetMR(0, left * right);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 1));
    rt_printf("   replied with their product, %lu\n", left * right);
}

static void serve_fault(void) {
    rt_printf("\n5. It faults, and the fault arrives as a message\n");
    seL4_Word badge;
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(hello.endpoint, &badge));
    char sentence[128];
    rt_fault_describe(&fault, sentence, sizeof sentence);
    rt_printf("   received: badge %#lx, label %lu, %lu words\n", badge, fault.label, fault.length);
    rt_printf("   %s\n", sentence);
    RT_ASSERT(badge == fault_badge && fault.label == seL4_Fault_VMFault);

    // Put a page there, with something to find in it, and let the thread try again.
    seL4_Word address = fault.words[seL4_VMFault_Addr] & ~0xffful;
    seL4_CPtr frame;
    RT_CHECK(rt_pool_retype(&hello.pool, seL4_X86_4K, 0, &frame));
    RT_CHECK(rt_pool_prepare_address(&hello.pool, address));
    RT_CHECK(
        seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, address, seL4_ReadWrite, seL4_X86_Default_VMAttributes));
    *(volatile seL4_Word*)fault.words[seL4_VMFault_Addr] = 0xfeed;
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    rt_printf("   mapped a page there and replied: the thread goes on\n");

    seL4_MessageInfo_t info = seL4_Recv(hello.endpoint, &badge);
    rt_printf("   received: badge %#lx, label %lu: it found %#lx\n", badge, seL4_MessageInfo_get_label(info),
              seL4_GetMR(0));
    RT_ASSERT(seL4_GetMR(0) == 0xfeed);
}

static void revoke_everything(void) {
    rt_printf("\n6. Revoking the memory takes everything back\n");
    RT_CHECK(rt_pool_reset(&hello.pool));
    rt_printf("   revoked: endpoint, pages, thread and all copies are gone\n");
    // An object as large as the pool fits only if nothing is left in it.
    seL4_CPtr whole;
    RT_CHECK(rt_pool_retype(&hello.pool, seL4_UntypedObject, pool_bits, &whole));
    rt_printf("   retyped all 2^%d bytes at once: the memory is whole again\n", pool_bits);
    RT_CHECK(rt_pool_reset(&hello.pool));
}

int main(const seL4_BootInfo* boot_info) {
    rt_printf("Hello from the root task.\n\n");
    print_boot_info(boot_info);
    make_objects();
    mint_capabilities();
    map_page();
    serve_call();
    serve_fault();
    revoke_everything();
    rt_printf("\nhello: done\n");
    return 0;
}
