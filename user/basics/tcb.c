/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_TCB_Configure, WriteRegisters, SetSchedParams, Resume and Suspend (seL4 manual, "Threads and Execution").
#include "support.h"

#include <sel4/invocation.h>

static volatile seL4_Word counter;

static void count_once(seL4_Word by) { counter += by; }

/// Counts once each time the test lets it, by let_lower_run().
static void count_for_ever(seL4_Word by) {
    for (;;) {
        counter += by;
        seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY);
    }
}

/// Lets a thread of priority `below` run until it gives the processor back or waits. (Threads of equal priority and
/// Yield would do too, were it not for the timer.)
static void let_lower_run(void) {
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, below - 1));
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY));
}

static void count_received(seL4_Word endpoint) {
    for (;;) {
        seL4_Recv(endpoint, NULL);
        counter++;
    }
}

// From registers.S.
extern char record_registers[], record_registers_end[];

static void all_registers_are_written(RtPool* pool) {
    static seL4_Word area[1024];
    static seL4_Word fs_block = 0xf5f5, gs_block = 0x6565;
    RtThread thread;
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    RT_REQUIRE(rt_thread_create(&thread, pool, faults, above));
    seL4_UserContext context;
    seL4_Word* words = (seL4_Word*)&context;
    for (seL4_Word i = 0; i < RT_REGISTER_COUNT; i++) {
        words[i] = 0x1111111111111111ul * i;
    }
    seL4_UserContext* recorded = (seL4_UserContext*)(void*)&area[512];
    context.rip = (seL4_Word)record_registers;
    context.rsp = (seL4_Word)recorded;
    context.rflags = 0x246;  // zero and parity flag, interrupts enabled
    context.fs_base = (seL4_Word)&fs_block;
    context.gs_base = (seL4_Word)&gs_block;
    RT_REQUIRE(seL4_TCB_WriteRegisters(thread.tcb, 1, 0, RT_REGISTER_COUNT, &context));
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(faults, NULL));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], record_registers_end);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_SP], recorded);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], 6);
    recorded->rip = context.rip;
    RT_EXPECT_EQUAL(recorded->fs_base, fs_block);
    RT_EXPECT_EQUAL(recorded->gs_base, gs_block);
    for (size_t i = 0; i < RT_REGISTER_COUNT - 2; i++) {
        if (((seL4_Word*)recorded)[i] != words[i]) {
            rt_fail(__FILE_NAME__, __LINE__, "register %lu of seL4_UserContext is %#lx, expected %#lx", i,
                    ((seL4_Word*)recorded)[i], words[i]);
        }
    }
}

static void some_registers_are_written(RtPool* pool) {
    static seL4_Word area[1024];
    RtThread thread;
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    RT_REQUIRE(rt_thread_create(&thread, pool, faults, above));
    seL4_UserContext* recorded = (seL4_UserContext*)(void*)&area[512];
    seL4_UserContext context = {.rip = 0x1000,
                                .rsp = 0x2000,
                                .rflags = 0x202,
                                .rax = 0xa,
                                .rbx = 0xb,
                                .fs_base = (seL4_Word)area,
                                .gs_base = (seL4_Word)area};
    RT_REQUIRE(seL4_TCB_WriteRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &context));
    context = (seL4_UserContext){
        .rip = (seL4_Word)record_registers, .rsp = (seL4_Word)recorded, .rflags = 0x202, .rax = 0xaa, .rbx = 0xbb};
    RT_REQUIRE(seL4_TCB_WriteRegisters(thread.tcb, 1, 0, 4, &context));  // RIP, RSP, RFLAGS, RAX
    seL4_Recv(faults, NULL);
    RT_EXPECT_EQUAL(recorded->rax, 0xaa);
    RT_EXPECT_EQUAL(recorded->rbx, 0xb);
}

static void resume_flag(RtPool* pool) {
    RtThread thread;
    counter = 0;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    seL4_UserContext context;
    rt_thread_registers(&thread, count_once, 1, &context);
    RT_REQUIRE(seL4_TCB_WriteRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &context));
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(rt_thread_start(&thread, count_once, 10));  // again, from its start
    RT_EXPECT_EQUAL(counter, 11);
}

static void write_registers_errors(RtPool* pool) {
    RtThread thread;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBWriteRegisters, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBWriteRegisters, NO_CAPS, WORDS(0, 2, 0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBWriteRegisters, NO_CAPS, WORDS(1, ~0ul, 0)), seL4_TruncatedMessage);
    RT_REQUIRE(invoke(thread.tcb, TCBWriteRegisters, NO_CAPS, WORDS(0, 0)));
    seL4_UserContext context = {0};
    RT_EXPECT_ERROR(seL4_TCB_WriteRegisters(seL4_CapInitThreadTCB, 0, 0, 2, &context), seL4_IllegalOperation);
    // More words than registers: those behind the last register are ignored.
    seL4_Word words[2 + 40] = {0, 40};
    RT_REQUIRE(invoke(thread.tcb, TCBWriteRegisters, NO_CAPS, sizeof words / sizeof *words, words));
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetFlags + 1, NO_CAPS, NO_WORDS), seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(thread.tcb, 0, NO_CAPS, NO_WORDS), seL4_IllegalOperation);
}

static void suspend_and_resume(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));  // is suspended already
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));  // can run already
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 2);
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 3);
}

static void resume_restarts_a_system_call(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    counter = 0;
    start_thread(&thread, pool, above, seL4_CapNull, count_received, endpoint);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));  // it waits there no more
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));  // and now again
    RT_EXPECT_EQUAL(counter, 0);
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 1);
    // Resuming a thread that waits makes it wait anew.
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    seL4_NBSend(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 2);
}

static void call_and_count(seL4_Word endpoint) {
    seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    counter++;
}

static void suspending_a_caller(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    counter = 0;
    start_thread(&thread, pool, above, seL4_CapNull, call_and_count, endpoint);
    seL4_Recv(endpoint, NULL);
    RT_REQUIRE(seL4_TCB_Suspend(thread.tcb));  // takes the reply capability away
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));  // calls again
    seL4_Recv(endpoint, NULL);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 1);
}

static void deleting_a_running_thread(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    let_lower_run();
    RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
}

static void suspend_self(seL4_Word tcb) {
    counter++;
    seL4_TCB_Suspend(tcb);
    counter += 10;
}

static void suspending_oneself(RtPool* pool) {
    RtThread thread;
    counter = 0;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_thread_start(&thread, suspend_self, thread.tcb));
    RT_EXPECT_EQUAL(counter, 1);
    // Resume starts the interrupted system call again, and that was Suspend.
    RT_REQUIRE(seL4_TCB_Resume(thread.tcb));
    RT_EXPECT_EQUAL(counter, 1);
}

static void priorities(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_once, 1);
    seL4_Yield();
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, above));
    RT_EXPECT_EQUAL(counter, 1);  // it ran at once
}

static void sched_params_errors(RtPool* pool) {
    RtThread thread, authority;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_thread_create(&authority, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_SetSchedParams(authority.tcb, seL4_CapInitThreadTCB, 42, 50));
    // The authority is that thread's maximum controlled priority, 42, not its priority.
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, authority.tcb, 0, 43), seL4_RangeError, seL4_MinPrio, 42);
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, authority.tcb, 43, 0), seL4_RangeError, seL4_MinPrio, 42);
    RT_REQUIRE(seL4_TCB_SetSchedParams(thread.tcb, authority.tcb, 42, 42));
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, seL4_MaxPrio + 1), seL4_RangeError,
                    seL4_MinPrio, seL4_MaxPrio);
    RT_EXPECT_ERROR(seL4_TCB_SetSchedParams(thread.tcb, ROOT, 0, 0), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetSchedParams, CAPS(seL4_CapInitThreadTCB), WORDS(0)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(thread.tcb, TCBSetSchedParams, NO_CAPS, WORDS(0, 0)), seL4_TruncatedMessage);
}

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

/// Copies of a TCB capability are the same thread; the thread lives until the last is gone.
static void copies_of_a_tcb(RtPool* pool) {
    RtThread thread;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    seL4_CPtr other = mint(pool, thread.tcb, seL4_NoRights, 0);  // a TCB capability has no rights to lose
    RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_Suspend(other));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
}

static const RtTest tests[] = {
    {"WriteRegisters writes every register", all_registers_are_written},
    {"WriteRegisters writes as many registers as it is told to", some_registers_are_written},
    {"WriteRegisters resumes on request", resume_flag},
    {"WriteRegisters refuses what is too short, and oneself", write_registers_errors},
    {"Suspend stops a thread, Resume lets it go on", suspend_and_resume},
    {"Resume starts an interrupted system call again", resume_restarts_a_system_call},
    {"Suspend takes the reply away from the server", suspending_a_caller},
    {"a thread that suspended itself suspends itself again when resumed", suspending_oneself},
    {"deleting a thread that can run", deleting_a_running_thread},
    {"SetSchedParams sets the priority at once", priorities},
    {"SetSchedParams checks the authority", sched_params_errors},
    {"Configure refuses what a thread cannot use", configure_errors},
    {"Configure gives a thread a capability space of its own", own_capability_space},
    {"a thread keeps its capability space", losing_the_capability_space},
    {"copies of a TCB capability", copies_of_a_tcb},
};

const RtTestGroup tcb_tests = TEST_GROUP(tests);
