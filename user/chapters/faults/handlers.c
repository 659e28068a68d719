/* SPDX-License-Identifier: BSD-2-Clause */
/// Fault handlers (seL4 manual, 6.1.12 "Exceptions" and 6.2 "Faults"): how a fault reaches one, and what becomes of it.
#include "exchange.h"
#include "subject.h"

SUBJECT_CODE(invalid_opcode);
SUBJECT_CODE(read_memory);
SUBJECT_CODE(call_kernel);

/// A fault is like a call of the faulting thread: the handler's reply capability can be saved, and used later.
static void saved_replies(RtPool* pool) {
    Subject first, next;
    seL4_CPtr slots[2] = {rt_pool_slot(pool), rt_pool_slot(pool)};
    subject_make(&first, pool);
    subject_make(&next, pool);
    RtFault fault = subject_run_code(&first, invalid_opcode);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_REQUIRE(seL4_CNode_SaveCaller(ROOT, slots[0], DEPTH));
    subject_run_code(&next, invalid_opcode);
    RT_REQUIRE(seL4_CNode_SaveCaller(ROOT, slots[1], DEPTH));
    // The first is answered while the other goes on waiting.
    seL4_SetMR(0, (seL4_Word)call_kernel);
    seL4_Send(slots[0], seL4_MessageInfo_new(0, 0, 0, 1));
    RT_EXPECT(!slot_is_full(slots[0]));
    seL4_Word badge;
    seL4_NBRecv(next.faults, &badge);
    RT_EXPECT_EQUAL(badge, 0);
    seL4_NBRecv(first.faults, &badge);
    RT_EXPECT_EQUAL(badge, 1);
    // One that is suspended and resumed has its fault again, and the saved capability is void.
    RT_REQUIRE(seL4_TCB_Suspend(next.thread.tcb));
    RT_EXPECT(!slot_is_full(slots[1]));
    RT_REQUIRE(seL4_TCB_Resume(next.thread.tcb));
    rt_fault_read(&fault, seL4_NBRecv(next.faults, &badge));
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], invalid_opcode_at);
}

/// Threads without code of their own, one watching the other: A's handler is B, and B's handler is the test.
static RtThread watched, watching;
static seL4_CPtr faults_of_watched;
static volatile seL4_Word handled;

static void fault_in_the_handler(seL4_Word address) {
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(faults_of_watched, &badge);
    handled++;
    (void)*(volatile seL4_Word*)address;  // the handler itself has a page fault
    handled++;
    (void)info;
    // Behind the invalid instruction of the thread is nothing, so it is stopped by a label.
    seL4_Reply(seL4_MessageInfo_new(1, 0, 0, 0));
    handled++;
}

static void trap(seL4_Word unused) {
    (void)unused;
    __builtin_trap();
}

static void nested(RtPool* pool) {
    seL4_CPtr faults = make(pool, seL4_EndpointObject), frame;
    void* page;
    faults_of_watched = make(pool, seL4_EndpointObject);
    handled = 0;
    RT_REQUIRE(rt_pool_map_pages(pool, 1, &page, &frame));
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    start_thread(&watching, pool, above + 1, mint(pool, faults, seL4_AllRights, 2), fault_in_the_handler,
                 (seL4_Word)page);
    start_thread(&watched, pool, above, mint(pool, faults_of_watched, seL4_AllRights, 1), trap, 0);
    RT_EXPECT_EQUAL(handled, 1);
    RtFault fault;
    seL4_Word badge;
    rt_fault_read(&fault, seL4_NBRecv(faults, &badge));
    RT_EXPECT_EQUAL(badge, 2);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_VMFault);
    RT_EXPECT_EQUAL(fault.words[seL4_VMFault_Addr], page);
    RT_REQUIRE(seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, (seL4_Word)page, seL4_ReadWrite,
                                 seL4_X86_Default_VMAttributes));
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(handled, 3);  // the handler went on, and stopped the thread
}

/// Nobody receives from the handler: the fault waits at the endpoint, like a sender.
static void waits_like_a_sender(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr lonely = make(pool, seL4_EndpointObject);
    RT_REQUIRE(seL4_TCB_SetSpace(subject.thread.tcb, lonely, ROOT, 0, seL4_CapInitThreadVSpace, 0));
    RT_EXPECT_EQUAL(subject_run_code(&subject, invalid_opcode).label, 0);
    // It waits in the queue with other senders, in order.
    RtThread sender;
    helper = (Helper){.endpoint = mint(pool, lonely, seL4_AllRights, 7)};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    seL4_Word badge = 1;
    seL4_MessageInfo_t info = seL4_NBRecv(lonely, &badge);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    seL4_NBRecv(lonely, &badge);
    RT_EXPECT_EQUAL(badge, 7);
}

/// The handler is looked up when there is a fault: whatever is in the slot then.
static void looked_up_late(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr slot = rt_pool_slot(pool), other = make(pool, seL4_EndpointObject);
    RT_REQUIRE(seL4_TCB_SetSpace(subject.thread.tcb, slot, ROOT, 0, seL4_CapInitThreadVSpace, 0));
    RT_EXPECT_EQUAL(subject_run_code(&subject, invalid_opcode).label, 0);  // empty: the thread stops
    RT_REQUIRE(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, other, DEPTH, seL4_AllRights, 0x55));
    subject_run_code(&subject, invalid_opcode);
    seL4_Word badge;
    seL4_NBRecv(other, &badge);
    RT_EXPECT_EQUAL(badge, 0x55);
    // Neither a notification nor any other capability will do.
    const seL4_CPtr useless[] = {make(pool, seL4_NotificationObject), subject.thread.tcb, ROOT};
    for (int i = 0; i < 3; i++) {
        RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
        RT_REQUIRE(seL4_CNode_Copy(ROOT, slot, DEPTH, ROOT, useless[i], DEPTH, seL4_AllRights));
        RT_EXPECT_EQUAL(subject_run_code(&subject, invalid_opcode).label, 0);
    }
}

/// A handler that deletes the faulting thread instead of replying, or that is deleted itself.
static void nobody_replies(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    subject_run_code(&subject, invalid_opcode);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, subject.thread.tcb, DEPTH));
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));  // to nobody
    // Deleting the handler's endpoint releases a thread whose fault has not been received: it has it again.
    subject_make(&subject, pool);
    seL4_CPtr handler = make(pool, seL4_EndpointObject), kept = rt_pool_slot(pool);
    RT_REQUIRE(seL4_TCB_SetSpace(subject.thread.tcb, handler, ROOT, 0, seL4_CapInitThreadVSpace, 0));
    subject_run_code(&subject, invalid_opcode);
    RT_REQUIRE(seL4_CNode_Move(ROOT, kept, DEPTH, ROOT, handler, DEPTH));
    RT_REQUIRE(seL4_CNode_Mint(ROOT, handler, DEPTH, ROOT, subject.faults, DEPTH, seL4_AllRights, 0x66));
    seL4_Word badge = 1;
    seL4_NBRecv(subject.faults, &badge);
    RT_EXPECT_EQUAL(badge, 0);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, kept, DEPTH));
    seL4_NBRecv(subject.faults, &badge);
    RT_EXPECT_EQUAL(badge, 0x66);
}

/// The capabilities and words of a fault's message are the kernel's, whatever is in the thread's buffer.
static void the_message_is_the_kernel_s(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr slot = rt_pool_slot(pool);
    for (int i = 0; i < 3; i++) {
        subject.thread.ipc_buffer->caps_or_badges[i] = ROOT;
    }
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        subject.thread.ipc_buffer->msg[i] = 0x6666;
    }
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    seL4_UserContext registers = subject_registers(&subject, call_kernel);
    registers.rdx = (seL4_Word)-1000;
    registers.rsi = ~0ul;  // would be a long message with capabilities, were it one
    RT_REQUIRE(seL4_TCB_WriteRegisters(subject.thread.tcb, 1, 0, RT_REGISTER_COUNT, &registers));
    seL4_MessageInfo_t info = seL4_Recv(subject.faults, NULL);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_Fault_UnknownSyscall);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), seL4_UnknownSyscall_Length);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_extraCaps(info), 0);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_capsUnwrapped(info), 0);
    RT_EXPECT_EQUAL(seL4_GetMR(seL4_UnknownSyscall_R14), registers.r14);
    RT_EXPECT(!slot_is_full(slot));
}

/// Without an IPC buffer a thread's faults are told all the same; a handler without one gets four words.
static void without_buffers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(seL4_TCB_SetIPCBuffer(subject.thread.tcb, 0, seL4_CapNull));
    seL4_UserContext registers = subject_registers(&subject, call_kernel);
    registers.rdx = (seL4_Word)-1000;
    RtFault fault = subject_run(&subject, &registers);
    RT_EXPECT_EQUAL(fault.length, seL4_UnknownSyscall_Length);
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_R15], registers.r15);

    RtThread handler;
    RT_REQUIRE(rt_thread_create(&handler, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_SetIPCBuffer(handler.tcb, 0, seL4_CapNull));
    helper = (Helper){.endpoint = subject.faults};
    RT_REQUIRE(rt_thread_start(&handler, receive_once, (seL4_Word)&helper));
    subject_run(&subject, &registers);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.label, seL4_Fault_UnknownSyscall);
    RT_EXPECT_EQUAL(helper.got_length, 4);
}

/// A handler of lower priority gets the fault when it runs; what is more important goes on meanwhile.
static void less_important_handler(RtPool* pool) {
    RtThread handler;
    Subject subject;
    subject_make(&subject, pool);
    helper = (Helper){.endpoint = subject.faults};
    start_thread(&handler, pool, below, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below - 1));
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    RT_EXPECT_EQUAL(subject_run_code(&subject, read_memory).label, 0);  // the handler has it already
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_REQUIRE(seL4_TCB_SetPriority(handler.tcb, seL4_CapInitThreadTCB, above));
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_EXPECT_EQUAL(helper.badge, 1);
}

static const RtTest tests[] = {
    {"replies to faults can be saved for later", saved_replies},
    {"a fault of a fault handler goes to that one's handler", nested},
    {"a fault waits for its handler among other messages", waits_like_a_sender},
    {"the handler is looked up when the fault happens", looked_up_late},
    {"a fault to which nobody replies", nobody_replies},
    {"a fault's message takes nothing from the thread's buffer", the_message_is_the_kernel_s},
    {"threads and handlers without IPC buffer", without_buffers},
    {"a handler of lower priority", less_important_handler},
};

const RtTestGroup handler_tests = TEST_GROUP(tests);
