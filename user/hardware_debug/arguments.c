/* SPDX-License-Identifier: BSD-2-Clause */
/// What SetBreakpoint, GetBreakpoint, UnsetBreakpoint and ConfigureSingleStepping take, and what they refuse.
#include "debugged.h"

#include <cpuid.h>

static seL4_CPtr new_tcb(RtPool* pool) {
    seL4_CPtr tcb;
    RT_CHECK(rt_pool_retype(pool, seL4_TCBObject, 0, &tcb));
    return tcb;
}

#define SET(tcb, number, address, type, size, access) seL4_TCB_SetBreakpoint(tcb, number, address, type, size, access)
enum { execute = seL4_InstructionBreakpoint, data = seL4_DataBreakpoint };

/// Message register 0 names the argument that is wrong: 1 the address, 2 the type, 3 the size, 4 the access.
#define REFUSED(invocation, argument) RT_EXPECT_ERROR(invocation, seL4_InvalidArgument, argument)

static void kernel_addresses(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    const seL4_Word addresses[] = {0x7fffffffffff,     0x800000000000,     0xffff7fffffffffff, 0xffff800000000000,
                                   0xffffff8000000000, 0xffffffff80000000, 0xffffffffffffffff};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        REFUSED(SET(tcb, 0, addresses[i], execute, 0, seL4_BreakOnRead), 1);
        REFUSED(SET(tcb, 0, addresses[i], data, 1, seL4_BreakOnWrite), 1);
    }
    // The address is looked at first.
    REFUSED(SET(tcb, 9, 0x800000000000, 77, 77, 77), 1);
    RT_EXPECT_ERROR(SET(tcb, 0, 0x7ffffffffffe, execute, 0, seL4_BreakOnRead), seL4_NoError);
    RT_EXPECT_ERROR(SET(tcb, 0, 0x7ffffffffffe, data, 2, seL4_BreakOnWrite), seL4_NoError);
}

static void types(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    REFUSED(SET(tcb, 0, 0x1000, seL4_SingleStep, 0, seL4_BreakOnRead), 2);
    REFUSED(SET(tcb, 0, 0x1000, seL4_SoftwareBreakRequest, 0, seL4_BreakOnRead), 2);
    REFUSED(SET(tcb, 0, 0x1000, 4, 0, seL4_BreakOnRead), 2);
    REFUSED(SET(tcb, 9, 0x1000, ~0ul, 77, 77), 2);
    REFUSED(SET(tcb, 0, 0x1000, 1ul << 32, 0, seL4_BreakOnRead), 2);
}

static void sizes(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    for (seL4_Word size = 1; size < 20; size++) {
        REFUSED(SET(tcb, 0, 0x1000, execute, size, seL4_BreakOnRead), 3);
        if (size != 1 && size != 2 && size != 4 && size != 8) {
            REFUSED(SET(tcb, 0, 0x1000, data, size, seL4_BreakOnWrite), 3);
        }
    }
    REFUSED(SET(tcb, 0, 0x1000, data, 0, seL4_BreakOnWrite), 3);
    REFUSED(SET(tcb, 0, 0x1000, data, 1ul << 32, seL4_BreakOnWrite), 3);
    REFUSED(SET(tcb, 0, 0x1000, data, 1ul << 63, seL4_BreakOnWrite), 3);
    REFUSED(SET(tcb, 9, 0x1001, data, 3, seL4_BreakOnWrite), 3);
}

static void accesses(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    REFUSED(SET(tcb, 0, 0x1000, execute, 0, seL4_BreakOnWrite), 4);
    REFUSED(SET(tcb, 0, 0x1000, execute, 0, seL4_BreakOnReadWrite), 4);
    REFUSED(SET(tcb, 0, 0x1000, execute, 0, 3), 4);
    // The kernel blames the size for an access that does not exist.
    REFUSED(SET(tcb, 0, 0x1000, data, 1, 3), 3);
    REFUSED(SET(tcb, 9, 0x1001, data, 2, ~0ul), 3);
}

static void alignment(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    for (seL4_Word size = 2; size <= 8; size *= 2) {
        for (seL4_Word offset = 1; offset < size; offset++) {
            RT_EXPECT_ERROR(SET(tcb, 9, 0x1000 + offset, data, size, seL4_BreakOnWrite), seL4_AlignmentError);
        }
    }
    RT_EXPECT_ERROR(SET(tcb, 0, 0x1001, data, 1, seL4_BreakOnWrite), seL4_NoError);
    RT_EXPECT_ERROR(SET(tcb, 0, 0x1001, execute, 0, seL4_BreakOnRead), seL4_NoError);
}

static void numbers(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    const seL4_Uint16 beyond[] = {seL4_NumHWBreakpoints, 5, 16, 64, 0x8000, 0xffff};
    RT_EXPECT_EQUAL(seL4_NumHWBreakpoints, 4);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        RT_EXPECT_ERROR(SET(tcb, beyond[i], 0x1000, data, 1, seL4_BreakOnWrite), seL4_RangeError, 0, 3);
        RT_EXPECT_ERROR(seL4_TCB_GetBreakpoint(tcb, beyond[i]).error, seL4_RangeError, 0, 3);
        RT_EXPECT_ERROR(seL4_TCB_UnsetBreakpoint(tcb, beyond[i]), seL4_RangeError, 0, 3);
    }
}

/// Of the message word for the number 16 bits count.
static void wide_numbers(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    RT_REQUIRE(SET(tcb, 2, 0x1234, execute, 0, seL4_BreakOnRead));
    seL4_SetMR(0, 0xabcd0002);
    seL4_MessageInfo_t info = seL4_Call(tcb, seL4_MessageInfo_new(TCBGetBreakpoint, 0, 0, 1));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 5);
    RT_EXPECT_EQUAL(seL4_GetMR(0), 0x1234);
}

/// Eight bytes at once, on the processors that are known to be able to: Intel's list (SDM vol. 3B, 17.2.4).
static void eight_bytes(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    unsigned signature, ignored[3];
    __get_cpuid(1, &signature, &ignored[0], &ignored[1], &ignored[2]);
    unsigned family = signature >> 8 & 15, model = (signature >> 4 & 15) | (signature >> 12 & 0xf0);
    bool able = (family == 6 && (model == 15 || model == 23 || model == 28)) ||
                (family == 15 && (signature >> 20 & 255) == 0 && (model == 3 || model == 4 || model == 6));
    if (able) {
        RT_EXPECT_ERROR(SET(tcb, 0, 0x1000, data, 8, seL4_BreakOnWrite), seL4_NoError);
        RT_EXPECT_EQUAL(seL4_TCB_GetBreakpoint(tcb, 0).size, 8);
    } else {
        REFUSED(SET(tcb, 0, 0x1000, data, 8, seL4_BreakOnWrite), 3);
        RT_EXPECT_ERROR(SET(tcb, 9, 0x1000, data, 8, seL4_BreakOnWrite), seL4_RangeError, 0, 3);
    }
}

#define EXPECT_FOUND(tcb, number, at, kind, bytes, access, on)                \
    do {                                                                      \
        seL4_TCB_GetBreakpoint_t found = seL4_TCB_GetBreakpoint(tcb, number); \
        RT_EXPECT_EQUAL(found.error, seL4_NoError);                           \
        RT_EXPECT_EQUAL(found.vaddr, (seL4_Word)(at));                        \
        RT_EXPECT_EQUAL(found.type, kind);                                    \
        RT_EXPECT_EQUAL(found.size, bytes);                                   \
        RT_EXPECT_EQUAL(found.rw, access);                                    \
        RT_EXPECT_EQUAL(found.is_enabled, on);                                \
    } while (0)

static void nothing_set(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    for (seL4_Uint16 number = 0; number < seL4_NumHWBreakpoints; number++) {
        EXPECT_FOUND(tcb, number, 0, execute, 0, seL4_BreakOnRead, 0);
    }
}

static void get_what_was_set(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    for (seL4_Uint16 number = 0; number < seL4_NumHWBreakpoints; number++) {
        RT_REQUIRE(SET(tcb, number, 0x12345678, execute, 0, seL4_BreakOnRead));
        EXPECT_FOUND(tcb, number, 0x12345678, execute, 0, seL4_BreakOnRead, 1);
        for (seL4_Word size = 1; size <= 4; size *= 2) {
            RT_REQUIRE(SET(tcb, number, 0x7fff12345670, data, size, seL4_BreakOnWrite));
            EXPECT_FOUND(tcb, number, 0x7fff12345670, data, size, seL4_BreakOnWrite, 1);
            RT_REQUIRE(SET(tcb, number, 0x7fff12345670, data, size, seL4_BreakOnReadWrite));
            EXPECT_FOUND(tcb, number, 0x7fff12345670, data, size, seL4_BreakOnReadWrite, 1);
            // No x86 processor can stop at reads alone.
            RT_REQUIRE(SET(tcb, number, 0x7fff12345670, data, size, seL4_BreakOnRead));
            EXPECT_FOUND(tcb, number, 0x7fff12345670, data, size, seL4_BreakOnReadWrite, 1);
        }
    }
    // Each keeps what it has while its neighbours change.
    for (seL4_Uint16 number = 0; number < seL4_NumHWBreakpoints; number++) {
        RT_REQUIRE(SET(tcb, number, 0x1000 + number * 4u, data, number % 2 != 0 ? 4 : 2,
                       number < 2 ? seL4_BreakOnWrite : seL4_BreakOnReadWrite));
    }
    RT_REQUIRE(seL4_TCB_UnsetBreakpoint(tcb, 1));
    RT_REQUIRE(seL4_TCB_UnsetBreakpoint(tcb, 1));
    EXPECT_FOUND(tcb, 0, 0x1000, data, 2, seL4_BreakOnWrite, 1);
    EXPECT_FOUND(tcb, 1, 0, execute, 0, seL4_BreakOnRead, 0);
    EXPECT_FOUND(tcb, 2, 0x1008, data, 2, seL4_BreakOnReadWrite, 1);
    EXPECT_FOUND(tcb, 3, 0x100c, data, 4, seL4_BreakOnReadWrite, 1);
}

/// A refused call leaves everything as it was.
static void refusal_changes_nothing(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    RT_REQUIRE(SET(tcb, 0, 0x1000, data, 4, seL4_BreakOnWrite));
    REFUSED(SET(tcb, 0, 0x2000, data, 3, seL4_BreakOnWrite), 3);
    RT_EXPECT_ERROR(SET(tcb, 0, 0x2001, data, 2, seL4_BreakOnWrite), seL4_AlignmentError);
    RT_EXPECT_ERROR(SET(tcb, 4, 0x2000, data, 2, seL4_BreakOnWrite), seL4_RangeError, 0, 3);
    EXPECT_FOUND(tcb, 0, 0x1000, data, 4, seL4_BreakOnWrite, 1);
}

/// No breakpoint is used up by single stepping, whatever number it is given.
static void step_arguments(RtPool* pool) {
    seL4_CPtr tcb = new_tcb(pool);
    const seL4_Uint16 numbers_given[] = {0, 3, 4, 31, 0xffff};
    for (size_t i = 0; i < sizeof numbers_given / sizeof *numbers_given; i++) {
        for (seL4_Word count_given = 3; count_given-- > 0;) {
            seL4_TCB_ConfigureSingleStepping_t result =
                seL4_TCB_ConfigureSingleStepping(tcb, numbers_given[i], count_given);
            RT_EXPECT_EQUAL(result.error, seL4_NoError);
            RT_EXPECT_EQUAL(result.bp_was_consumed, 0);
        }
    }
    seL4_SetMR(0, 0);
    seL4_SetMR(1, 0);
    seL4_MessageInfo_t info = seL4_Call(tcb, seL4_MessageInfo_new(TCBConfigureSingleStepping, 0, 0, 2));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), 1);
    for (seL4_Uint16 number = 0; number < seL4_NumHWBreakpoints; number++) {
        EXPECT_FOUND(tcb, number, 0, execute, 0, seL4_BreakOnRead, 0);
    }
}

static const RtTest tests[] = {
    {"breakpoints at addresses of the kernel are refused", kernel_addresses},
    {"only instruction and data breakpoints can be set", types},
    {"a breakpoint's size", sizes},
    {"a breakpoint's access", accesses},
    {"a data breakpoint's address is a multiple of its size", alignment},
    {"there are four breakpoints", numbers},
    {"a breakpoint's number has 16 bits", wide_numbers},
    {"a breakpoint of eight bytes", eight_bytes},
    {"a new thread has no breakpoints", nothing_set},
    {"breakpoints are read as they were set", get_what_was_set},
    {"a refused breakpoint changes nothing", refusal_changes_nothing},
    {"single stepping uses up no breakpoint", step_arguments},
};
const RtTestGroup argument_tests = TEST_GROUP(tests);
