/* SPDX-License-Identifier: BSD-2-Clause */
/// The FPU's registers across faults: the handler uses the FPU before the faulting thread goes on.
#include "threads.h"

/// The handler's part: a state that a bug would make the thread's.
static void poison(void) {
    static FpuImage image;
    fpu_pattern(&image, 2);
    fpu_load(&image);
}

static RtFault next_fault(void) {
    RtFault fault = {0};
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(subject.faults, &badge);
    if (badge != 0) {
        rt_fault_read(&fault, info);
    }
    return fault;
}

/// Replies to the fault with one word, the instruction pointer, unless it is zero.
static void let_go_on(seL4_Word ip) {
    seL4_SetMR(0, ip);
    poison();
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, ip != 0 ? 1 : 0));
}

static void do_exception(seL4_Word unused) {
    (void)unused;
    fpu_across_exception(&subject.in, &subject.out);
}

static void exception(RtPool* pool) {
    fpu_subject_start(pool, do_exception, 0);
    RtFault fault = next_fault();
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], fpu_exception_at);
    let_go_on((seL4_Word)fpu_exception_at + 2);
    fpu_expect_subject_kept("an exception");
}

static void do_read(seL4_Word unused) {
    (void)unused;
    fpu_across_read(&subject.in, &subject.out, subject.address);
}

static void page_fault(RtPool* pool) {
    seL4_CPtr frame;
    void* page;
    RT_REQUIRE(rt_pool_map_pages(pool, 1, &page, &frame));
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    fpu_subject_start(pool, do_read, (seL4_Word)page);
    RT_EXPECT_EQUAL(next_fault().label, seL4_Fault_VMFault);
    // Mapping overwrites the registers in which the reply's address is not: it is in the TCB.
    RT_REQUIRE(seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, (seL4_Word)page, seL4_ReadWrite,
                                 seL4_X86_Default_VMAttributes));
    let_go_on(0);
    fpu_expect_subject_kept("a page fault");
}

static void do_unknown(seL4_Word unused) {
    (void)unused;
    fpu_across_unknown(&subject.in, &subject.out);
}

static void unknown_call(RtPool* pool) {
    fpu_subject_start(pool, do_unknown, 0);
    RtFault fault = next_fault();
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UnknownSyscall);
    for (seL4_Word i = 0; i < seL4_UnknownSyscall_Syscall; i++) {
        seL4_SetMR((int)i, fault.words[i]);
    }
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, (seL4_Word)fpu_unknown_at + 2);
    poison();
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, seL4_UnknownSyscall_Syscall));
    fpu_expect_subject_kept("an unknown system call");
}

/// A call to the capability space's outside is a fault; replying makes the thread call again.
static void do_bad_call(seL4_Word unused) {
    (void)unused;
    const FpuCall call = {.number = (seL4_Word)seL4_SysSend, .target = subject.address};
    fpu_across_call(&subject.in, &subject.out, &call);
}

static void capability_fault(RtPool* pool) {
    fpu_subject_start(pool, do_bad_call, ~0ul);
    for (int i = 0; i < 3; i++) {
        RT_EXPECT_EQUAL(next_fault().label, seL4_Fault_CapFault);
        let_go_on(0);
    }
    RtFault fault = next_fault();
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    // Behind the call: WriteRegisters, which wakes the thread from its fault.
    seL4_UserContext registers;
    RT_REQUIRE(seL4_TCB_ReadRegisters(subject.thread.tcb, 0, 0, RT_REGISTER_COUNT, &registers));
    registers.rip += 2;
    poison();
    RT_REQUIRE(seL4_TCB_WriteRegisters(subject.thread.tcb, 1, 0, RT_REGISTER_COUNT, &registers));
    fpu_expect_subject_kept("capability faults");
}

static void do_wait(seL4_Word unused) {
    (void)unused;
    fpu_across_wait(&subject.in, &subject.out);
}

/// A division by zero on the x87 that has not been reported yet waits for its own thread.
static void pending_exception(RtPool* pool) {
    static FpuImage own, after;
    fpu_subject_start(pool, do_exception, 0);
    RT_EXPECT_EQUAL(next_fault().label, seL4_Fault_UserException);
    subject.in.bytes[0] = 0x7b;                                         // unmasks the division by zero
    subject.in.bytes[2] = 0x84;                                         // one has happened: ZE and ES
    subject.in.bytes[3] = (unsigned char)(subject.in.bytes[3] | 0x80);  // and B, which is a copy of ES
    subject.act = do_wait;
    RT_REQUIRE(rt_thread_start(&subject.thread, do_wait, 0));
    RtFault fault = next_fault();
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], 16);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], fpu_wait_at);
    // The test's own thread waits for the x87 without any trouble.
    fpu_pattern(&own, 5);
    fpu_across_wait(&own, &after);
    fpu_expect_same("FWAIT beside another thread's exception", &after, &own);
    let_go_on(0);  // it has the exception again
    fault = next_fault();
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], 16);
    let_go_on((seL4_Word)fpu_wait_at + 1);
    fpu_store(&after);
}

static const RtTest tests[] = {
    {"an exception whose handler uses the FPU", exception},
    {"a page fault whose handler uses the FPU", page_fault},
    {"an unknown system call whose handler uses the FPU", unknown_call},
    {"capability faults, and registers written into the faulting thread", capability_fault},
    {"a pending x87 exception is not another thread's", pending_exception},
};

const RtTestGroup fault_tests = TEST_GROUP(tests);
