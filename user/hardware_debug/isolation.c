/* SPDX-License-Identifier: BSD-2-Clause */
/// One thread's breakpoints and steps are nobody else's, and none of the kernel's business.
#include "debugged.h"

static seL4_Word variable[2];

static void other_threads(RtPool* pool) {
    Subject watched, free;
    subject_make(&watched, pool);
    subject_make(&free, pool);
    RT_REQUIRE(watch(&watched, 0, variable, 4, seL4_BreakOnReadWrite));
    RT_REQUIRE(break_at(&watched, 1, count_2));
    for (int round = 0; round < 3; round++) {
        // The registers are the watched thread's when the other one, and the test, get the processor.
        RtFault fault = debugged_run(&watched, write_word, variable);
        EXPECT_BREAKPOINT(fault, write_word_done, seL4_DataBreakpoint, variable, 0);
        *(volatile seL4_Word*)variable = 5;
        fault = debugged_run(&free, write_word, variable);
        EXPECT_END(fault, write_word_end);
        fault = debugged_run(&free, count, variable);
        EXPECT_END(fault, count_end);
    }
}

static void other_threads_steps(RtPool* pool) {
    Subject stepped, free;
    subject_make(&stepped, pool);
    subject_make(&free, pool);
    RT_EXPECT_EQUAL(seL4_TCB_ConfigureSingleStepping(stepped.thread.tcb, 0, 1).error, seL4_NoError);
    RtFault fault = debugged_run(&stepped, count, variable);
    EXPECT_STEP(fault, count_1);
    fault = debugged_run(&free, count, variable);
    EXPECT_END(fault, count_end);
    // Addresses that another thread's breakpoints left behind do not count.
    RT_REQUIRE(break_at(&free, 1, count_1));
    fault = debugged_run(&free, count, variable);
    EXPECT_BREAKPOINT(fault, count_1, seL4_InstructionBreakpoint, count_1, 1);
    fault = debugged_run(&stepped, count, variable);
    EXPECT_STEP(fault, count_1);
}

/// Two threads with breakpoints of the same number.
static void two_threads(RtPool* pool) {
    Subject subjects[2];
    const char* const places[] = {count_1, count_3};
    for (int i = 0; i < 2; i++) {
        subject_make(&subjects[i], pool);
        RT_REQUIRE(break_at(&subjects[i], 0, places[i]));
    }
    for (int round = 0; round < 4; round++) {
        RtFault fault = debugged_run(&subjects[round % 2], count, variable);
        EXPECT_BREAKPOINT(fault, places[round % 2], seL4_InstructionBreakpoint, places[round % 2], 0);
    }
}

static void dead_thread(RtPool* pool) {
    Subject first, second;
    subject_make(&first, pool);
    subject_make(&second, pool);
    RT_REQUIRE(break_at(&first, 0, count_1));
    RT_REQUIRE(watch(&first, 1, variable, 1, seL4_BreakOnReadWrite));
    RtFault fault = debugged_run(&first, count, variable);
    EXPECT_BREAKPOINT(fault, count_1, seL4_InstructionBreakpoint, count_1, 0);
    RT_REQUIRE(seL4_CNode_Delete(seL4_CapInitThreadCNode, first.thread.tcb, seL4_WordBits));
    *(volatile seL4_Word*)variable = 5;
    fault = debugged_run(&second, count, variable);
    EXPECT_END(fault, count_end);
    // A new thread in the same memory would be as new.
    RT_EXPECT_EQUAL(seL4_TCB_GetBreakpoint(second.thread.tcb, 0).is_enabled, 0);
}

/// The kernel reads and writes a thread's memory for it without meeting its breakpoints.
static void kernel_access(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr endpoint;
    RT_REQUIRE(rt_pool_retype(pool, seL4_EndpointObject, 0, &endpoint));
    seL4_Word* const words = subject.thread.ipc_buffer->msg;
    RT_REQUIRE(watch(&subject, 0, &words[10], 4, seL4_BreakOnReadWrite));
    RT_REQUIRE(watch(&subject, 1, &words[20], 4, seL4_BreakOnReadWrite));
    words[10] = 1010;
    seL4_UserContext registers = {
        .rip = ADDRESS(call_kernel),
        .rsp = subject.thread.stack_top - 256,
        .rflags = 0x202,
        .rdi = endpoint,
        .rsi = seL4_MessageInfo_new(0, 0, 0, 30).words[0],
        .rdx = (seL4_Word)seL4_SysCall,
    };
    RT_REQUIRE(seL4_TCB_WriteRegisters(subject.thread.tcb, 1, 0, RT_REGISTER_COUNT, &registers));
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 30);
    RT_EXPECT_EQUAL(seL4_GetMR(10), 1010);
    seL4_SetMR(20, 2020);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 30));
    RT_EXPECT_EQUAL(words[20], 2020);
    RtFault fault;
    seL4_Word badge;
    rt_fault_read(&fault, seL4_NBRecv(subject.faults, &badge));
    EXPECT_END(fault, call_kernel_end);
}

/// The stack selector is loaded from watched memory, and the next instruction enters the kernel. Where the event arrives
/// or whether it gets lost is up to the processor and kernel; the thread goes on, and so does everything else.
static void watched_stack_selector_load(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(watch(&subject, 0, variable, 2, seL4_BreakOnReadWrite));
    RtFault fault = debugged_run(&subject, watched_stack_selector, variable);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_DebugException);
    int events = 1;
    for (fault = debugged_continue(&subject); fault.label == seL4_Fault_DebugException && events < 5; events++) {
        fault = debugged_continue(&subject);
    }
    EXPECT_END(fault, watched_stack_selector_end);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 1);
}

/// QEMU 7.2 raises the debug exception twice here, the second time in the kernel. What the thread then is told of, and
/// whether it can go on, is nobody's promise; all others do. On seL4 16.0.0 the machine resets.
static void step_meets_watchpoint(RtPool* pool) {
    Subject subject, other;
    subject_make(&subject, pool);
    subject_make(&other, pool);
    RT_REQUIRE(watch(&subject, 1, variable, 4, seL4_BreakOnWrite));
    RT_EXPECT_EQUAL(seL4_TCB_ConfigureSingleStepping(subject.thread.tcb, 0, 1).error, seL4_NoError);
    RtFault fault = debugged_run(&subject, write_word, variable);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_DebugException);
    RT_EXPECT_EQUAL(fault.words[seL4_DebugException_ExceptionReason], seL4_DataBreakpoint);
    RT_EXPECT_EQUAL(fault.words[seL4_DebugException_TriggerAddress], (seL4_Word)variable);
    RT_EXPECT_EQUAL(fault.words[seL4_DebugException_BreakpointNumber], 1);
    fault = debugged_run(&other, write_word, variable);
    EXPECT_END(fault, write_word_end);
    RT_REQUIRE(seL4_TCB_UnsetBreakpoint(subject.thread.tcb, 1));
    RT_EXPECT_EQUAL(seL4_TCB_ConfigureSingleStepping(subject.thread.tcb, 0, 0).error, seL4_NoError);
    fault = debugged_run(&subject, write_word, variable);
    EXPECT_END(fault, write_word_end);
}

static const RtTest tests[] = {
    {"another thread does not meet a thread's breakpoints", other_threads},
    {"another thread does not make a thread's steps", other_threads_steps},
    {"two threads with breakpoints of the same number", two_threads},
    {"breakpoints end with their thread", dead_thread},
    {"the kernel does not meet a thread's breakpoints", kernel_access},
    {"a watched load of the stack selector before a system call", watched_stack_selector_load},
    {"a step that meets a watchpoint", step_meets_watchpoint},
};
const RtTestGroup isolation_tests = TEST_GROUP(tests);
