/* SPDX-License-Identifier: BSD-2-Clause */
/// Single stepping.
#include "debugged.h"

static seL4_Word variable;

static seL4_Error step(const Subject* subject, seL4_Word instructions) {
    return (seL4_Error)seL4_TCB_ConfigureSingleStepping(subject->thread.tcb, 0, instructions).error;
}

static RtFault reply_steps(Subject* subject, seL4_Word instructions) {
    return subject_reply(subject, 0, 1, &instructions);
}

static void one_by_one(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(step(&subject, 1));
    RtFault fault = debugged_run(&subject, count, &variable);
    const char* const places[] = {count_1, count_2, count_3, count_4, count_end};
    for (seL4_Word i = 0; i < 5; i++) {
        EXPECT_STEP(fault, places[i]);
        RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, i + 1);
        // An empty reply means one more instruction.
        fault = i % 2 == 0 ? debugged_continue(&subject) : reply_steps(&subject, 1);
    }
    EXPECT_END(fault, count_end);
}

/// How many instructions, when stepping begins and in the reply.
static void several(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(step(&subject, 3));
    RtFault fault = debugged_run(&subject, count, &variable);
    EXPECT_STEP(fault, count_3);
    fault = reply_steps(&subject, 2);
    EXPECT_STEP(fault, count_end);
    RT_REQUIRE(step(&subject, 1 + 3 * 1000));
    fault = debugged_run(&subject, count_long, &variable);
    EXPECT_STEP(fault, count_long_end);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 1000);
    RT_REQUIRE(step(&subject, 1 + 3 * 999));
    fault = debugged_run(&subject, count_long, &variable);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_DebugException);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 999);
}

/// A count of 0 ends stepping, by invocation and by reply.
static void no_more(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(step(&subject, 1));
    RtFault fault = debugged_run(&subject, count, &variable);
    EXPECT_STEP(fault, count_1);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rflags & trap_flag, trap_flag);
    fault = reply_steps(&subject, 0);
    EXPECT_END(fault, count_end);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rflags & trap_flag, 0);
    RT_REQUIRE(step(&subject, 1));
    RT_REQUIRE(step(&subject, 0));
    fault = debugged_run(&subject, count, &variable);
    EXPECT_END(fault, count_end);
    // An invocation while the thread is stopped: the reply's count comes later and holds.
    RT_REQUIRE(step(&subject, 1));
    fault = debugged_run(&subject, count, &variable);
    EXPECT_STEP(fault, count_1);
    RT_REQUIRE(step(&subject, 0));
    RT_EXPECT_EQUAL(debugged_registers(&subject).rflags & trap_flag, 0);
    fault = reply_steps(&subject, 2);
    EXPECT_STEP(fault, count_3);
}

/// A system call is one instruction: the step ends behind it.
static void over_a_system_call(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(step(&subject, 3));
    RtFault fault = debugged_run(&subject, call_kernel, &variable);
    EXPECT_STEP(fault, call_kernel_done);
    fault = debugged_continue(&subject);
    EXPECT_STEP(fault, call_kernel_stack);
    fault = reply_steps(&subject, 0);
    EXPECT_END(fault, call_kernel_end);
}

/// Stepping that begins while the thread waits in the kernel: the first step is the end of its system call.
static void wait_for_word(seL4_Word endpoint) {
    seL4_Recv(endpoint, NULL);
    variable = 1;
    __asm__ volatile("ud2");
}

static void begun_while_blocked(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr endpoint;
    RT_REQUIRE(rt_pool_retype(pool, seL4_EndpointObject, 0, &endpoint));
    variable = 0;
    RT_REQUIRE(rt_thread_start(&subject.thread, wait_for_word, endpoint));
    seL4_Word waiting_at = debugged_registers(&subject).rip;
    RT_REQUIRE(step(&subject, 1));
    seL4_Send(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RtFault fault;
    seL4_Word badge;
    rt_fault_read(&fault, seL4_NBRecv(subject.faults, &badge));
    EXPECT_STEP(fault, waiting_at + 2);
    RT_EXPECT_EQUAL(variable, 0);
    fault = reply_steps(&subject, 0);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(variable, 1);
}

/// A program that sets the trap flag itself steps, too, until it clears the flag.
static void own_trap_flag(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RtFault fault = debugged_run(&subject, set_trap_flag, &variable);
    EXPECT_STEP(fault, set_trap_flag_done);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rflags & trap_flag, trap_flag);
    fault = reply_steps(&subject, 1);
    EXPECT_STEP(fault, set_trap_flag_next);
    fault = reply_steps(&subject, 0);
    EXPECT_END(fault, set_trap_flag_end);
}

/// New registers do not end it.
static void registers_written(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(step(&subject, 1));
    RtFault fault = debugged_run(&subject, count, &variable);
    EXPECT_STEP(fault, count_1);
    fault = debugged_run(&subject, write_word, &variable);  // with RFLAGS 202
    EXPECT_STEP(fault, write_word_done);
}

/// A step that ends at an instruction breakpoint: by Intel's SDM it is a step; some emulators tell of both at once, and
/// then it is the breakpoint.
static void with_breakpoint(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(break_at(&subject, 1, count_2));
    RT_REQUIRE(step(&subject, 1));
    RtFault fault = debugged_run(&subject, count, &variable);
    EXPECT_STEP(fault, count_1);
    fault = debugged_continue(&subject);
    if (fault.length == seL4_DebugException_Length) {
        EXPECT_BREAKPOINT(fault, count_2, seL4_InstructionBreakpoint, count_2, 1);
        RT_REQUIRE(seL4_TCB_UnsetBreakpoint(subject.thread.tcb, 1));
        RT_REQUIRE(step(&subject, 1));
    } else {
        EXPECT_STEP(fault, count_2);
    }
    fault = debugged_continue(&subject);
    EXPECT_STEP(fault, count_3);
    fault = reply_steps(&subject, 0);
    EXPECT_END(fault, count_end);
}

/// Single stepping needs no breakpoint, but switching it off switches off the one that it names.
static void named_breakpoint(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(break_at(&subject, 0, count_2));
    RT_REQUIRE(step(&subject, 0));
    RT_EXPECT_EQUAL(seL4_TCB_GetBreakpoint(subject.thread.tcb, 0).is_enabled, 1);
    RtFault fault = debugged_run(&subject, count, &variable);
    EXPECT_END(fault, count_end);
    // Another one that is set brings both back.
    RT_REQUIRE(break_at(&subject, 1, count_3));
    fault = debugged_run(&subject, count, &variable);
    EXPECT_BREAKPOINT(fault, count_2, seL4_InstructionBreakpoint, count_2, 0);
}

static void refused_reply(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(step(&subject, 1));
    RtFault fault = debugged_run(&subject, count, &variable);
    EXPECT_STEP(fault, count_1);
    // The count holds even so.
    fault = subject_reply(&subject, 1, 1, (const seL4_Word[]){3});
    RT_EXPECT_EQUAL(fault.label, 0);
    RT_REQUIRE(seL4_TCB_Resume(subject.thread.tcb));
    seL4_Word badge;
    rt_fault_read(&fault, seL4_NBRecv(subject.faults, &badge));
    EXPECT_STEP(fault, count_4);
}

static const RtTest tests[] = {
    {"steps of one instruction", one_by_one},
    {"steps of several instructions", several},
    {"stepping ends", no_more},
    {"a step over a system call", over_a_system_call},
    {"stepping begins while the thread is blocked", begun_while_blocked},
    {"a program's own trap flag", own_trap_flag},
    {"stepping goes on with new registers", registers_written},
    {"a step that ends at a breakpoint", with_breakpoint},
    {"the breakpoint that stepping names", named_breakpoint},
    {"a reply with a label leaves the thread stopped at its step", refused_reply},
};
const RtTestGroup step_tests = TEST_GROUP(tests);
