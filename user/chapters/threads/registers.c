/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_TCB_WriteRegisters and relatives (seL4 manual, "Message Layout of the Read-/Write-Registers Methods").
#include "counting.h"

#include <sel4/invocation.h>

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

static const RtTest tests[] = {
    {"WriteRegisters writes every register", all_registers_are_written},
    {"WriteRegisters writes as many registers as it is told to", some_registers_are_written},
    {"WriteRegisters resumes on request", resume_flag},
    {"WriteRegisters refuses what is too short, and oneself", write_registers_errors},
};

const RtTestGroup register_tests = TEST_GROUP(tests);
