/* SPDX-License-Identifier: BSD-2-Clause */
/// Breakpoints and software break requests that are hit.
#include "debugged.h"

static seL4_Word variable[4];

/// The thread stops before the instruction, and there again until the breakpoint is taken away.
static void instruction(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(break_at(&subject, 2, count_2));
    RtFault fault = debugged_run(&subject, count, variable);
    for (int i = 0; i < 3; i++) {
        EXPECT_BREAKPOINT(fault, count_2, seL4_InstructionBreakpoint, count_2, 2);
        RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 2);
        RT_EXPECT_EQUAL(debugged_registers(&subject).rip, ADDRESS(count_2));
        fault = debugged_continue(&subject);
    }
    RT_REQUIRE(seL4_TCB_UnsetBreakpoint(subject.thread.tcb, 2));
    fault = debugged_continue(&subject);
    EXPECT_END(fault, count_end);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 5);
}

/// The thread stops after it has written.
static void write_watched(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (seL4_Word access = seL4_BreakOnRead; access <= seL4_BreakOnReadWrite; access++) {
        RT_REQUIRE(watch(&subject, 1, &variable[1], 4, access));
        variable[1] = 77;
        RtFault fault = debugged_run(&subject, write_word, &variable[1]);
        EXPECT_BREAKPOINT(fault, write_word_done, seL4_DataBreakpoint, &variable[1], 1);
        RT_EXPECT_EQUAL(variable[1], 0);
        fault = debugged_continue(&subject);
        EXPECT_END(fault, write_word_end);
    }
}

static void read_watched(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(watch(&subject, 0, variable, 1, seL4_BreakOnReadWrite));
    RtFault fault = debugged_run(&subject, read_then_write, variable);
    EXPECT_BREAKPOINT(fault, read_then_write_read, seL4_DataBreakpoint, variable, 0);
    fault = debugged_continue(&subject);
    EXPECT_BREAKPOINT(fault, read_then_write_written, seL4_DataBreakpoint, variable, 0);
    fault = debugged_continue(&subject);
    EXPECT_END(fault, read_then_write_end);
    // Watched for writes, it may be read.
    RT_REQUIRE(watch(&subject, 0, variable, 1, seL4_BreakOnWrite));
    fault = debugged_run(&subject, read_then_write, variable);
    EXPECT_BREAKPOINT(fault, read_then_write_written, seL4_DataBreakpoint, variable, 0);
    fault = debugged_continue(&subject);
    EXPECT_END(fault, read_then_write_end);
}

/// A byte counts if it is one of those that are watched.
static void watched_bytes(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    char* const bytes = (char*)&variable[1];
    for (seL4_Word size = 1; size <= 4; size *= 2) {
        RT_REQUIRE(watch(&subject, 3, bytes, size, seL4_BreakOnWrite));
        for (long offset = -4; offset < 8; offset++) {
            RtFault fault = debugged_run(&subject, write_byte, bytes + offset);
            if (offset >= 0 && offset < (long)size) {
                EXPECT_BREAKPOINT(fault, write_byte_done, seL4_DataBreakpoint, bytes, 3);
                fault = debugged_continue(&subject);
            }
            EXPECT_END(fault, write_byte_end);
        }
    }
}

/// All four at once, and the lowest of those that are hit together.
static void four(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const char* const places[] = {count_4, count_1, count_3, count_2};
    const seL4_Uint16 order[] = {1, 3, 2, 0};
    for (seL4_Uint16 number = 0; number < 4; number++) {
        RT_REQUIRE(break_at(&subject, number, places[number]));
    }
    RtFault fault = debugged_run(&subject, count, variable);
    for (int i = 0; i < 4; i++) {
        EXPECT_BREAKPOINT(fault, places[order[i]], seL4_InstructionBreakpoint, places[order[i]], order[i]);
        RT_REQUIRE(seL4_TCB_UnsetBreakpoint(subject.thread.tcb, order[i]));
        fault = debugged_continue(&subject);
    }
    EXPECT_END(fault, count_end);
    RT_REQUIRE(break_at(&subject, 3, count_1));
    RT_REQUIRE(break_at(&subject, 1, count_1));
    fault = debugged_run(&subject, count, variable);
    EXPECT_BREAKPOINT(fault, count_1, seL4_InstructionBreakpoint, count_1, 1);
    RT_REQUIRE(seL4_TCB_UnsetBreakpoint(subject.thread.tcb, 1));
    fault = debugged_continue(&subject);
    EXPECT_BREAKPOINT(fault, count_1, seL4_InstructionBreakpoint, count_1, 3);
}

/// Moved to another place, a breakpoint is hit there only.
static void moved(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(break_at(&subject, 0, count_1));
    RtFault fault = debugged_run(&subject, count, variable);
    EXPECT_BREAKPOINT(fault, count_1, seL4_InstructionBreakpoint, count_1, 0);
    RT_REQUIRE(break_at(&subject, 0, count_3));
    fault = debugged_continue(&subject);
    EXPECT_BREAKPOINT(fault, count_3, seL4_InstructionBreakpoint, count_3, 0);
    RT_REQUIRE(watch(&subject, 0, variable, 1, seL4_BreakOnWrite));
    fault = debugged_continue(&subject);
    EXPECT_END(fault, count_end);
}

/// The reply's label decides whether the thread goes on.
static void refused_reply(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(break_at(&subject, 0, count_1));
    RtFault fault = debugged_run(&subject, count, variable);
    EXPECT_BREAKPOINT(fault, count_1, seL4_InstructionBreakpoint, count_1, 0);
    fault = subject_reply(&subject, 1, 0, NULL);
    RT_EXPECT_EQUAL(fault.label, 0);
    // It is stopped, not blocked: it can be resumed where it was.
    RT_REQUIRE(seL4_TCB_UnsetBreakpoint(subject.thread.tcb, 0));
    RT_EXPECT_EQUAL(debugged_registers(&subject).rip, ADDRESS(count_1));
    RT_REQUIRE(seL4_TCB_Resume(subject.thread.tcb));
    seL4_Word badge;
    rt_fault_read(&fault, seL4_NBRecv(subject.faults, &badge));
    EXPECT_END(fault, count_end);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 5);
}

/// INT3 is a trap: the thread is told of behind it, and goes on there. Words of the reply change nothing.
static void software_break(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RtFault fault = debugged_run(&subject, ask_for_break, variable);
    EXPECT_SHORT_EVENT(fault, ask_for_break_done, seL4_SoftwareBreakRequest);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 1);
    fault = subject_reply(&subject, 0, 3, (const seL4_Word[]){1, 2, 3});
    EXPECT_END(fault, ask_for_break_end);
    RT_EXPECT_EQUAL(debugged_registers(&subject).rcx, 2);
    fault = debugged_run(&subject, ask_for_break, variable);
    fault = subject_reply(&subject, 1, 0, NULL);
    RT_EXPECT_EQUAL(fault.label, 0);
}

/// What a thread does to a breakpoint of its own holds when the call returns.
static seL4_CPtr own_tcb;

static void watch_oneself(seL4_Word unused) {
    (void)unused;
    volatile seL4_Word* const word = &variable[2];
    seL4_TCB_SetBreakpoint(own_tcb, 0, (seL4_Word)word, seL4_DataBreakpoint, 4, seL4_BreakOnWrite);
    *word = 1;
    seL4_TCB_UnsetBreakpoint(own_tcb, 0);
    *word = 2;
    __asm__ volatile("ud2");
}

static void own_breakpoint(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    own_tcb = subject.thread.tcb;
    variable[2] = 0;
    RT_REQUIRE(rt_thread_start(&subject.thread, watch_oneself, 0));
    RtFault fault;
    seL4_Word badge;
    rt_fault_read(&fault, seL4_NBRecv(subject.faults, &badge));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_DebugException);
    RT_EXPECT_EQUAL(fault.words[seL4_DebugException_TriggerAddress], (seL4_Word)&variable[2]);
    RT_EXPECT_EQUAL(variable[2], 1);
    fault = debugged_continue(&subject);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(variable[2], 2);
}

static const RtTest tests[] = {
    {"an instruction breakpoint stops before the instruction", instruction},
    {"a write watchpoint stops after the write", write_watched},
    {"reads are watched, or not", read_watched},
    {"a watchpoint covers its bytes and no others", watched_bytes},
    {"four breakpoints at once", four},
    {"a breakpoint is moved", moved},
    {"a reply with a label leaves the thread stopped at its breakpoint", refused_reply},
    {"INT3 asks for a break", software_break},
    {"a thread sets a breakpoint of its own", own_breakpoint},
};
const RtTestGroup breakpoint_tests = TEST_GROUP(tests);
