/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_TCB_SetSpace and SetIPCBuffer (seL4 manual, 6.1.2 "Thread Creation" and API reference).
#include "counting.h"
#include "exchange.h"
#include "space.h"

#include <sel4/invocation.h>

static seL4_Error set_space(seL4_CPtr tcb, seL4_CPtr handler, seL4_CPtr cspace, seL4_Word data, seL4_CPtr vspace) {
    return (seL4_Error)seL4_TCB_SetSpace(tcb, handler, cspace, data, vspace, 0);
}

static void set_space_errors(RtPool* pool) {
    const seL4_CPtr vspace = seL4_CapInitThreadVSpace;
    seL4_CPtr tcb = make(pool, seL4_TCBObject), empty = rt_pool_slot(pool);
    RT_EXPECT_ERROR(set_space(tcb, 0, tcb, 0, vspace), seL4_IllegalOperation);
    RT_EXPECT_ERROR(set_space(tcb, 0, empty, 0, vspace), seL4_IllegalOperation);
    RT_EXPECT_ERROR(set_space(tcb, 0, ROOT, 0, ROOT), seL4_IllegalOperation);
    RT_EXPECT_ERROR(set_space(tcb, 0, ROOT, 0, empty), seL4_IllegalOperation);
    RT_EXPECT_ERROR(set_space(tcb, 0, ROOT, 0, make(pool, seL4_X64_PML4Object)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(set_space(tcb, 0, ROOT, seL4_CNode_CapData_new(0, 63).words[0], vspace), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(tcb, TCBSetSpace, CAPS(ROOT, vspace), WORDS(0, 0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(tcb, TCBSetSpace, CAPS(ROOT), WORDS(0, 0, 0)), seL4_TruncatedMessage);
    // The handler's address is not looked up before there is a fault.
    RT_REQUIRE(set_space(tcb, ~0ul, ROOT, 0, vspace));
    // Nor need the capability space be a CNode of the caller's: any that it has a capability to.
    RT_REQUIRE(set_space(tcb, 0, make_cnode(pool, 1), 0, vspace));
}

static void fault_now(seL4_Word unused) {
    (void)unused;
    __builtin_trap();
}

/// The handler is looked up in the thread's space, by the guard that SetSpace gives it.
static void another_handler(RtPool* pool) {
    RtThread thread;
    seL4_CPtr faults = make(pool, seL4_EndpointObject), cnode = make_cnode(pool, 4);
    RT_REQUIRE(seL4_CNode_Mint(cnode, 9, 4, ROOT, faults, DEPTH, seL4_AllRights, 0x99));
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(set_space(thread.tcb, 0x79, cnode, seL4_CNode_CapData_new(7, 60).words[0], seL4_CapInitThreadVSpace));
    RT_REQUIRE(rt_thread_start(&thread, fault_now, 0));
    seL4_Word badge;
    RtFault fault;
    rt_fault_read(&fault, seL4_NBRecv(faults, &badge));
    RT_EXPECT_EQUAL(badge, 0x99);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
}

/// A thread that waits goes on in its new address space.
static void moved_to_another_space(RtPool* pool) {
    Space first, next;
    RT_REQUIRE(space_make(&first, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    RT_REQUIRE(space_make(&next, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    seL4_CPtr frames[2];
    for (int i = 0; i < 2; i++) {
        void* page;
        frames[i] = make(pool, seL4_X86_4K);
        RT_REQUIRE(rt_pool_map(pool, frames[i], seL4_ReadWrite, &page));
        *(volatile seL4_Word*)page = 0x40 + (unsigned)i;
        RT_REQUIRE(seL4_X86_Page_Unmap(frames[i]));
        RT_REQUIRE(seL4_X86_Page_Map(frames[i], i == 0 ? first.pml4 : next.pml4, SPACE_DATA, seL4_CanRead,
                                     seL4_X86_Default_VMAttributes));
    }
    SpaceOutcome outcome = space_access(&first, space_read, SPACE_DATA, 0);
    EXPECT_SPACE_DONE(outcome);
    RT_EXPECT_EQUAL(outcome.value, 0x40);
    RT_REQUIRE(set_space(first.tcb, mint(pool, first.faults, seL4_AllRights, 1), ROOT, 0, next.pml4));
    outcome = space_access(&first, space_read, SPACE_DATA, 0);
    EXPECT_SPACE_DONE(outcome);
    RT_EXPECT_EQUAL(outcome.value, 0x41);
    // The space that it left can go.
    RT_REQUIRE(seL4_CNode_Delete(ROOT, first.pml4, DEPTH));
    EXPECT_SPACE_DONE(space_access(&first, space_read, SPACE_DATA, 0));
}

static void buffer_errors(RtPool* pool) {
    seL4_CPtr frame, tcb = make(pool, seL4_TCBObject);
    void* buffer;
    RT_REQUIRE(rt_pool_map_pages(pool, 1, &buffer, &frame));
    const seL4_Word at = (seL4_Word)buffer;
    RT_EXPECT_ERROR(seL4_TCB_SetIPCBuffer(tcb, at + 8, frame), seL4_AlignmentError);
    RT_EXPECT_ERROR(seL4_TCB_SetIPCBuffer(tcb, at + 512, frame), seL4_AlignmentError);
    RT_EXPECT_ERROR(seL4_TCB_SetIPCBuffer(tcb, at, tcb), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_TCB_SetIPCBuffer(tcb, at, rt_pool_slot(pool)), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(tcb, TCBSetIPCBuffer, CAPS(frame), NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(tcb, TCBSetIPCBuffer, NO_CAPS, WORDS(at)), seL4_TruncatedMessage);
    seL4_CPtr device = boot_untyped(true, 12), device_frame = rt_pool_slot(pool);
    if (device != seL4_CapNull) {
        RT_REQUIRE(seL4_Untyped_Retype(device, seL4_X86_4K, 0, ROOT, 0, 0, device_frame, 1));
        RT_EXPECT_ERROR(seL4_TCB_SetIPCBuffer(tcb, at, device_frame), seL4_IllegalOperation);
        RT_REQUIRE(seL4_CNode_Delete(ROOT, device_frame, DEPTH));
    }
    RT_REQUIRE(seL4_TCB_SetIPCBuffer(tcb, at + 1024, frame));
    RT_REQUIRE(seL4_TCB_SetIPCBuffer(tcb, 0, tcb));
}

/// Words behind the fourth come from, and go to, where the buffer is now; large frames can hold one, too.
static void buffer_in_use(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), large;
    const seL4_Word places[] = {0, 1024, 3072, 7 * 4096 + 2048};
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &large));
    const seL4_Word address = 0x6a0000000000 + (1ul << seL4_LargePageBits);
    RT_REQUIRE(rt_pool_prepare_address(pool, 0x6a0000000000));
    RT_REQUIRE(
        seL4_X86_Page_Map(large, seL4_CapInitThreadVSpace, address, seL4_ReadWrite, seL4_X86_Default_VMAttributes));
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        RT_REQUIRE(seL4_TCB_SetIPCBuffer(thread.tcb, address + places[i], large));
        // The thread's own code still uses its old page; the kernel does not.
        helper = (Helper){.endpoint = endpoint, .length = 8};
        ((seL4_IPCBuffer*)(address + places[i]))->msg[6] = 0x600 + i;
        RT_REQUIRE(rt_thread_start(&thread, send_once, (seL4_Word)&helper));
        seL4_Recv(endpoint, NULL);
        RT_EXPECT_EQUAL(seL4_GetMR(0), 7);
        RT_EXPECT_EQUAL(seL4_GetMR(6), 0x600 + i);
        RT_REQUIRE(rt_thread_start(&thread, receive_once, (seL4_Word)&helper));
        fill(i, 20);
        seL4_Send(endpoint, message(0, 20));
        RT_EXPECT_EQUAL(((seL4_IPCBuffer*)(address + places[i]))->msg[19], i + 19 * 19);
    }
}

/// A buffer's frame that is deleted is the thread's buffer no more.
static void buffer_goes(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), frame = make(pool, seL4_X86_4K);
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_SetIPCBuffer(thread.tcb, (seL4_Word)thread.ipc_buffer, frame));
    helper = (Helper){.endpoint = endpoint, .length = 8};
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, frame, DEPTH));  // the thread's copy is a child
    RT_REQUIRE(rt_thread_start(&thread, send_once, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(seL4_Recv(endpoint, NULL)), 4);
}

/// Read-only frames serve to send from, not to receive into.
static void read_only_buffer(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), frame = make(pool, seL4_X86_4K);
    void* page;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_pool_map(pool, frame, seL4_ReadWrite, &page));
    ((seL4_IPCBuffer*)page)->msg[5] = 0x555;
    RT_REQUIRE(seL4_TCB_SetIPCBuffer(thread.tcb, (seL4_Word)page, mint(pool, frame, seL4_CanRead, 0)));
    helper = (Helper){.endpoint = endpoint, .length = 8};
    RT_REQUIRE(rt_thread_start(&thread, send_once, (seL4_Word)&helper));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(seL4_Recv(endpoint, NULL)), 8);
    RT_EXPECT_EQUAL(seL4_GetMR(5), 0x555);
    RT_REQUIRE(rt_thread_start(&thread, receive_once, (seL4_Word)&helper));
    seL4_Send(endpoint, message(0, 8));
    RT_EXPECT_EQUAL(helper.got_length, 4);
    RT_EXPECT_EQUAL(((seL4_IPCBuffer*)page)->msg[5], 0x555);
}

static const RtTest tests[] = {
    {"SetSpace refuses what a thread cannot use", set_space_errors},
    {"SetSpace sets the fault handler", another_handler},
    {"SetSpace moves a thread to another address space", moved_to_another_space},
    {"SetIPCBuffer refuses what cannot be a buffer", buffer_errors},
    {"messages go through the new buffer", buffer_in_use},
    {"a buffer whose frame is revoked", buffer_goes},
    {"a buffer that the thread may not write", read_only_buffer},
};

const RtTestGroup space_tests = TEST_GROUP(tests);
