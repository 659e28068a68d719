/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads without FPU (seL4 manual, 6.1.4 "Thread Feature Flags").
#include "subject.h"
#include "threads.h"

#include <sel4/invocation.h>

enum { disabled = seL4_TCBFlag_fpuDisabled, device_not_available = 7 };

/// SetFlags on `tcb`; returns the flags that it reports.
static seL4_Word set_flags(seL4_CPtr tcb, seL4_Word clear, seL4_Word set) {
    seL4_TCB_SetFlags_t result = seL4_TCB_SetFlags(tcb, clear, set);
    RT_EXPECT_EQUAL(result.error, seL4_NoError);
    return result.flags;
}

static void flags_are_kept(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    RT_EXPECT_EQUAL(set_flags(tcb, 0, 0), 0);  // a new thread has none
    RT_EXPECT_EQUAL(set_flags(tcb, 0, disabled), disabled);
    RT_EXPECT_EQUAL(set_flags(tcb, 0, 0), disabled);
    RT_EXPECT_EQUAL(set_flags(tcb, disabled, 0), 0);
    RT_EXPECT_EQUAL(set_flags(tcb, disabled, disabled), disabled);  // cleared first, then set
    RT_EXPECT_EQUAL(set_flags(tcb, ~0ul, 0), 0);
    RT_EXPECT_EQUAL(set_flags(tcb, 0, ~0ul), disabled);  // unknown flags are ignored
    RT_EXPECT_EQUAL(set_flags(tcb, 0, 0), disabled);
    RT_EXPECT_ERROR(invoke(tcb, TCBSetFlags, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_EQUAL(set_flags(seL4_CapInitThreadTCB, 0, 0), 0);
}

SUBJECT_CODE(use_x87);
SUBJECT_CODE(use_mmx);
SUBJECT_CODE(use_sse);
SUBJECT_CODE(use_mxcsr);
SUBJECT_CODE(use_fxsave);
SUBJECT_CODE(use_fninit);
SUBJECT_CODE(use_nothing);

static const char* const uses[][2] = {
    {use_x87, use_x87_at},     {use_mmx, use_mmx_at},       {use_sse, use_sse_at},
    {use_mxcsr, use_mxcsr_at}, {use_fxsave, use_fxsave_at}, {use_fninit, use_fninit_at},
};
enum { use_count = sizeof uses / sizeof *uses };

static void every_use_is_a_fault(RtPool* pool) {
    Subject thread;
    subject_make(&thread, pool);
    for (int i = 0; i < use_count; i++) {
        RtFault fault = subject_run_code(&thread, uses[i][0]);
        EXPECT_WORD("with FPU: use", i, fault.words[seL4_UserException_Number], 6);  // the end of the code
        set_flags(thread.thread.tcb, 0, disabled);
        fault = subject_run_code(&thread, uses[i][0]);
        EXPECT_WORD("without FPU: use", i, fault.label, seL4_Fault_UserException);
        EXPECT_WORD("without FPU: use", i, fault.words[seL4_UserException_Number], device_not_available);
        EXPECT_WORD("without FPU: use", i, fault.words[seL4_UserException_Code], 0);
        EXPECT_WORD("without FPU: use", i, fault.words[seL4_UserException_FaultIP], uses[i][1]);
        // The handler gives the FPU back and lets the thread try again.
        set_flags(thread.thread.tcb, disabled, 0);
        subject_run_code(&thread, uses[i][0]);
    }
    set_flags(thread.thread.tcb, 0, disabled);
    RtFault fault = subject_run_code(&thread, use_nothing);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], 6);
}

static void handler_gives_it_back(RtPool* pool) {
    Subject thread;
    subject_make(&thread, pool);
    set_flags(thread.thread.tcb, 0, disabled);
    RtFault fault = subject_run_code(&thread, use_sse);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], device_not_available);
    // SetFlags is a call of its own; the capability to reply stays.
    set_flags(thread.thread.tcb, disabled, 0);
    fault = subject_reply(&thread, 0, 0, NULL);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], 6);
}

/// Taking the FPU away keeps what was in it, whoever uses it meanwhile.
static void state_survives(RtPool* pool) {
    static FpuKeeper keeper;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    fpu_keeper_start(&keeper, pool, above, endpoint, 7);
    for (seL4_Word round = 1; round <= 3; round++) {
        set_flags(keeper.thread.tcb, 0, disabled);
        fpu_expect_across_call("Yield", 8, (seL4_Word)seL4_SysYield, 0, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
        set_flags(keeper.thread.tcb, disabled, 0);
        fpu_expect_across_call("Call", 9, (seL4_Word)seL4_SysCall, endpoint, seL4_MessageInfo_new(0, 0, 0, 0), NULL);
        fpu_expect_kept(&keeper, round);
    }
}

/// A thread without FPU that runs in between changes nothing for one that has it, and does not get at its registers.
static void between_users(RtPool* pool) {
    Subject thread;
    subject_make(&thread, pool);
    set_flags(thread.thread.tcb, 0, disabled);
    static FpuImage in, out;
    for (unsigned round = 0; round < 4; round++) {
        seL4_UserContext registers = subject_registers(&thread, round % 2 == 0 ? use_nothing : use_fxsave);
        RT_REQUIRE(seL4_TCB_WriteRegisters(thread.thread.tcb, 0, 0, RT_REGISTER_COUNT, &registers));
        fpu_pattern(&in, 11 + round);
        const FpuCall resume = {.number = (seL4_Word)seL4_SysCall,
                                .target = thread.thread.tcb,
                                .info = seL4_MessageInfo_new(TCBResume, 0, 0, 0).words[0]};
        fpu_across_call(&in, &out, &resume);
        fpu_expect_same("a thread without FPU", &out, &in);
        RtFault fault;
        rt_fault_read(&fault, seL4_Recv(thread.faults, NULL));
        EXPECT_WORD("round", round, fault.words[seL4_UserException_Number], round % 2 == 0 ? 6 : device_not_available);
    }
}

static void disable_oneself(seL4_Word tcb) {
    seL4_TCB_SetFlags(tcb, 0, disabled);
    __asm__ volatile("fldz; fstp %%st" ::: "memory");
}

/// A thread may take the FPU from itself; the next instruction that needs it faults.
static void oneself(RtPool* pool) {
    RtThread thread;
    seL4_CPtr faults = make(pool, seL4_EndpointObject);
    RT_REQUIRE(rt_thread_create(&thread, pool, faults, above));
    RT_REQUIRE(rt_thread_start(&thread, disable_oneself, thread.tcb));
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(faults, NULL));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], device_not_available);
    RT_EXPECT_EQUAL(set_flags(thread.tcb, 0, 0), disabled);
}

/// Nobody else has the FPU between the two calls.
static void off_and_on(seL4_Word tcb) {
    fpu_load(&subject.in);
    seL4_TCB_SetFlags(tcb, 0, disabled);
    seL4_TCB_SetFlags(tcb, disabled, 0);
    fpu_store(&subject.out);
    subject.done = true;
}

static void off_and_on_again(RtPool* pool) {
    RtThread thread;
    subject = (FpuSubject){0};
    fpu_pattern(&subject.in, 6);
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(rt_thread_start(&thread, off_and_on, thread.tcb));
    fpu_expect_subject_kept("off and on again");
}

static void off_and_stop(seL4_Word tcb) {
    fpu_load(&subject.in);
    seL4_TCB_SetFlags(tcb, 0, disabled);
}

static void delete_oneself(seL4_Word tcb) {
    fpu_load(&subject.in);
    seL4_CNode_Delete(ROOT, tcb, DEPTH);
}

/// When the FPU has no owner any more, the last one's registers are still in it.
static void nobody_has_the_fpu(RtPool* pool) {
    const RtThreadEntry entries[] = {off_and_stop, delete_oneself};
    for (int i = 0; i < 2; i++) {
        RtThread thread;
        fpu_pattern(&subject.in, 6);
        RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
        seL4_UserContext registers;
        rt_thread_registers(&thread, entries[i], thread.tcb, &registers);
        RT_REQUIRE(seL4_TCB_WriteRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &registers));
        fpu_expect_across_call(i == 0 ? "a thread that took the FPU from itself" : "a thread that deleted itself", 8,
                               (seL4_Word)seL4_SysCall, thread.tcb, seL4_MessageInfo_new(TCBResume, 0, 0, 0), NULL);
        if (i == 0) {
            RT_EXPECT(slot_is_full(thread.tcb));
        } else if (slot_is_full(thread.tcb)) {
            // A tick of the timer preempted Delete, and the thread that would make the call again is gone.
            RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
        }
    }
}

static const RtTest tests[] = {
    {"SetFlags sets, clears and tells the flags", flags_are_kept},
    {"without FPU every use of it is an exception", every_use_is_a_fault},
    {"a handler gives the FPU back and lets the thread go on", handler_gives_it_back},
    {"taking the FPU away keeps its state", state_survives},
    {"a thread without FPU between two that use it", between_users},
    {"a thread that takes the FPU from itself", oneself},
    {"a thread that takes the FPU from itself and gives it back", off_and_on_again},
    {"the FPU of a thread that took it from itself, or that is gone", nobody_has_the_fpu},
};

const RtTestGroup flag_tests = TEST_GROUP(tests);
