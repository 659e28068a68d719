/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_TCB_Configure (seL4 manual, 6.1.2 "Thread Creation").
#include "counting.h"

#include <sel4/invocation.h>

/// A new TCB, with a frame that can be an IPC buffer mapped at `*buffer`.
static seL4_CPtr new_tcb(RtPool* pool, void** buffer, seL4_CPtr* frame) {
    RT_CHECK(rt_pool_map_pages(pool, 1, buffer, frame));
    return make(pool, seL4_TCBObject);
}

static seL4_Error configure(seL4_CPtr tcb, seL4_CPtr cspace, seL4_CPtr vspace, void* buffer, seL4_Word offset,
                            seL4_CPtr frame) {
    return (seL4_Error)seL4_TCB_Configure(tcb, seL4_CapNull, cspace, 0, vspace, 0, (seL4_Word)buffer + offset, frame);
}

static void configure_errors(RtPool* pool) {
    const seL4_CPtr vspace = seL4_CapInitThreadVSpace;
    void* buffer;
    seL4_CPtr frame, tcb = new_tcb(pool, &buffer, &frame);
    RT_EXPECT_ERROR(configure(tcb, tcb, vspace, buffer, 0, frame), seL4_IllegalOperation);
    RT_EXPECT_ERROR(configure(tcb, ROOT, ROOT, buffer, 0, frame), seL4_IllegalOperation);
    // A PML4 that has no ASID is no address space yet.
    RT_EXPECT_ERROR(configure(tcb, ROOT, make(pool, seL4_X64_PML4Object), buffer, 0, frame), seL4_IllegalOperation);
    RT_EXPECT_ERROR(configure(tcb, ROOT, vspace, buffer, 0, ROOT), seL4_IllegalOperation);
    RT_EXPECT_ERROR(configure(tcb, ROOT, vspace, buffer, 8, frame), seL4_AlignmentError);
    RT_EXPECT_ERROR(configure(tcb, ROOT, vspace, buffer, 512, frame), seL4_AlignmentError);
    RT_REQUIRE(configure(tcb, ROOT, vspace, buffer, 1024, frame));
    RT_REQUIRE(configure(tcb, ROOT, vspace, NULL, 0, seL4_CapNull));
    RT_REQUIRE(configure(tcb, ROOT, vspace, NULL, 0, ROOT));  // without an address the capability does not matter
    // The address need not be the one at which the frame is mapped.
    RT_REQUIRE(configure(tcb, ROOT, vspace, (void*)0x123400, 0, frame));
    // Device memory cannot be an IPC buffer.
    seL4_CPtr device = boot_untyped(true, 12), device_frame = rt_pool_slot(pool);
    if (device != seL4_CapNull) {
        RT_REQUIRE(seL4_Untyped_Retype(device, seL4_X86_4K, 0, ROOT, 0, 0, device_frame, 1));
        RT_EXPECT_ERROR(configure(tcb, ROOT, vspace, buffer, 0, device_frame), seL4_IllegalOperation);
        RT_REQUIRE(seL4_CNode_Delete(ROOT, device_frame, DEPTH));
    }
    RT_EXPECT_ERROR(invoke(tcb, TCBConfigure, CAPS(ROOT, vspace, frame), WORDS(0, 0, 0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(tcb, TCBConfigure, CAPS(ROOT, vspace), WORDS(0, 0, 0, 0)), seL4_TruncatedMessage);
}

static void send_to_three(seL4_Word tag) {
    seL4_SetMR(0, tag);
    seL4_Send(3, seL4_MessageInfo_new(0, 0, 0, 1));
    counter++;
}

static void send_to_three_and_beyond(seL4_Word tag) {
    send_to_three(tag);
    seL4_Send(0x253, seL4_MessageInfo_new(0, 0, 0, 1));
    counter++;
}

/// A thread with a capability space of its own, and with a guard that TCB_Configure gives its root.
static void own_capability_space(RtPool* pool) {
    RtThread thread;
    seL4_CPtr cnode = make_cnode(pool, 4), endpoint = make(pool, seL4_EndpointObject);
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    RT_REQUIRE(seL4_CNode_Mint(cnode, 3, 4, ROOT, endpoint, DEPTH, seL4_AllRights, 0x33));
    RT_REQUIRE(seL4_CNode_Mint(cnode, 5, 4, ROOT, faults, DEPTH, seL4_AllRights, 0x44));
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    // All 64 bits: a guard of 60 zero bits, and 4 for the slots. The fault endpoint is named in the new space.
    RT_REQUIRE(seL4_TCB_Configure(thread.tcb, 5, cnode, seL4_CNode_CapData_new(0, 60).words[0],
                                  seL4_CapInitThreadVSpace, 0, (seL4_Word)thread.ipc_buffer, thread.ipc_buffer_frame));
    counter = 0;
    RT_REQUIRE(rt_thread_start(&thread, send_to_three_and_beyond, 0x777));
    seL4_Word badge;
    seL4_Recv(endpoint, &badge);
    RT_EXPECT_EQUAL(badge, 0x33);
    RT_EXPECT_EQUAL(seL4_GetMR(0), 0x777);
    RT_EXPECT_EQUAL(counter, 1);
    // The guard does not match 0x253.
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(faults, &badge));
    RT_EXPECT_EQUAL(badge, 0x44);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], 0x253);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_InRecvPhase], 0);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_LookupFailureType], seL4_GuardMismatch);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_BitsLeft], 64);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_GuardMismatch_GuardFound], 0);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_GuardMismatch_BitsFound], 60);
}

/// Deleting the CNode that is a thread's capability space, while the thread waits in a message.
static void losing_the_capability_space(RtPool* pool) {
    RtThread thread;
    seL4_CPtr cnode = make_cnode(pool, 4), endpoint = make(pool, seL4_EndpointObject);
    RT_REQUIRE(seL4_CNode_Copy(cnode, 3, 4, ROOT, endpoint, DEPTH, seL4_AllRights));
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_Configure(thread.tcb, 0, cnode, seL4_CNode_CapData_new(0, 60).words[0],
                                  seL4_CapInitThreadVSpace, 0, (seL4_Word)thread.ipc_buffer, thread.ipc_buffer_frame));
    counter = 0;
    RT_REQUIRE(rt_thread_start(&thread, send_to_three, 1));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, cnode, DEPTH));  // the thread's own capability keeps the CNode
    seL4_Recv(endpoint, NULL);
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
}

static const RtTest tests[] = {
    {"Configure refuses what a thread cannot use", configure_errors},
    {"Configure gives a thread a capability space of its own", own_capability_space},
    {"a thread keeps its capability space", losing_the_capability_space},
};

const RtTestGroup configure_tests = TEST_GROUP(tests);
