/* SPDX-License-Identifier: BSD-2-Clause */
/// The thread that is debugged, and what its debugger, the test, hears of it: a Subject of user/chapters/support.
#pragma once

#include "subject.h"

/// Places in the subject's code (code.S).
#define PLACE(name) extern const char name[]
PLACE(count);
PLACE(count_1);
PLACE(count_2);
PLACE(count_3);
PLACE(count_4);
PLACE(count_end);
PLACE(count_long);
PLACE(count_long_end);
PLACE(write_word);
PLACE(write_word_done);
PLACE(write_word_end);
PLACE(write_byte);
PLACE(write_byte_done);
PLACE(write_byte_end);
PLACE(read_byte);
PLACE(read_byte_done);
PLACE(read_byte_end);
PLACE(read_then_write);
PLACE(read_then_write_read);
PLACE(read_then_write_written);
PLACE(read_then_write_end);
PLACE(ask_for_break);
PLACE(ask_for_break_done);
PLACE(ask_for_break_end);
PLACE(call_kernel);
PLACE(call_kernel_done);
PLACE(call_kernel_stack);
PLACE(call_kernel_end);
PLACE(set_trap_flag);
PLACE(set_trap_flag_done);
PLACE(set_trap_flag_next);
PLACE(set_trap_flag_end);
PLACE(watched_stack_selector);
PLACE(watched_stack_selector_called);
PLACE(watched_stack_selector_end);

#define ADDRESS(place) ((seL4_Word)(place))
enum { trap_flag = 0x100, resume_flag = 0x10000 };

/// Starts the subject at `code` with `variable` in RDI and 0 in RCX; returns its fault, label 0 if it waits instead.
RtFault debugged_run(Subject* subject, const char* code, const void* variable);

/// Replies to the fault with no words and returns the next fault.
RtFault debugged_continue(Subject* subject);

/// All registers, without stopping the thread.
seL4_UserContext debugged_registers(const Subject* subject);

/// Watches instructions at `place`, or reads or writes of `size` bytes at `variable`.
seL4_Error break_at(const Subject* subject, seL4_Uint16 number, const char* place);
seL4_Error watch(const Subject* subject, seL4_Uint16 number, const volatile void* variable, seL4_Word size,
                 seL4_Word access);

/// `fault` is what a breakpoint raises, with these words.
#define EXPECT_BREAKPOINT(fault, ip, reason, address, number)                                     \
    do {                                                                                          \
        RT_EXPECT_EQUAL((fault).label, seL4_Fault_DebugException);                                \
        RT_EXPECT_EQUAL((fault).length, seL4_DebugException_Length);                              \
        RT_EXPECT_EQUAL((fault).words[seL4_DebugException_FaultIP], (seL4_Word)(ip));             \
        RT_EXPECT_EQUAL((fault).words[seL4_DebugException_ExceptionReason], reason);              \
        RT_EXPECT_EQUAL((fault).words[seL4_DebugException_TriggerAddress], (seL4_Word)(address)); \
        RT_EXPECT_EQUAL((fault).words[seL4_DebugException_BreakpointNumber], number);             \
    } while (0)

/// `fault` is a single step that ended at `ip`, or a software break request.
#define EXPECT_SHORT_EVENT(fault, ip, reason)                                         \
    do {                                                                              \
        RT_EXPECT_EQUAL((fault).label, seL4_Fault_DebugException);                    \
        RT_EXPECT_EQUAL((fault).length, 2);                                           \
        RT_EXPECT_EQUAL((fault).words[seL4_DebugException_ExceptionReason], reason);  \
        RT_EXPECT_EQUAL((fault).words[seL4_DebugException_FaultIP], (seL4_Word)(ip)); \
    } while (0)
#define EXPECT_STEP(fault, ip) EXPECT_SHORT_EVENT(fault, ip, seL4_SingleStep)

/// `fault` is the end of a piece of code.
#define EXPECT_END(fault, ip)                                                        \
    do {                                                                             \
        RT_EXPECT_EQUAL((fault).label, seL4_Fault_UserException);                    \
        RT_EXPECT_EQUAL((fault).words[seL4_UserException_FaultIP], (seL4_Word)(ip)); \
    } while (0)

extern const RtTestGroup argument_tests, breakpoint_tests, step_tests, isolation_tests;
