/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_TCB_ReadRegisters, CopyRegisters and SetTLSBase (seL4 manual, "Message Layout of the Read-/Write-Registers
/// Methods" and API reference).
#include "counting.h"

#include <sel4/invocation.h>

/// Values that WriteRegisters takes as they are: every register differs.
static seL4_UserContext distinct(seL4_Word seed) {
    seL4_UserContext context;
    seL4_Word* words = (seL4_Word*)&context;
    for (seL4_Word i = 0; i < RT_REGISTER_COUNT; i++) {
        words[i] = seed + 0x10000 * i;
    }
    context.rflags = 0x246;
    return context;
}

static void expect_registers(const seL4_UserContext* got, const seL4_UserContext* expected, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        if (((const seL4_Word*)got)[i] != ((const seL4_Word*)expected)[i]) {
            rt_fail(__FILE_NAME__, __LINE__, "register %lu of seL4_UserContext is %#lx, expected %#lx", i,
                    ((const seL4_Word*)got)[i], ((const seL4_Word*)expected)[i]);
        }
    }
}

static void what_was_written(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    seL4_UserContext written = distinct(0x1230), got = {0};
    RT_REQUIRE(seL4_TCB_WriteRegisters(tcb, 0, 0, RT_REGISTER_COUNT, &written));
    RT_REQUIRE(seL4_TCB_ReadRegisters(tcb, 0, 0, RT_REGISTER_COUNT, &got));
    expect_registers(&got, &written, 0, RT_REGISTER_COUNT);
    // Fewer: the kernel answers with as many words as asked for.
    for (seL4_Word count = 1; count <= RT_REGISTER_COUNT; count++) {
        RT_REQUIRE(invoke(tcb, TCBReadRegisters, NO_CAPS, WORDS(0, count)));
        for (seL4_Word i = 0; i < count; i++) {
            RT_EXPECT_EQUAL(seL4_GetMR((int)i), ((seL4_Word*)&written)[i]);
        }
    }
}

static void read_errors(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    seL4_UserContext context;
    RT_EXPECT_ERROR(invoke(tcb, TCBReadRegisters, NO_CAPS, WORDS(0, 0)), seL4_RangeError, 1, RT_REGISTER_COUNT);
    RT_EXPECT_ERROR(invoke(tcb, TCBReadRegisters, NO_CAPS, WORDS(0, RT_REGISTER_COUNT + 1)), seL4_RangeError, 1,
                    RT_REGISTER_COUNT);
    RT_EXPECT_ERROR(invoke(tcb, TCBReadRegisters, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(seL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, 0, 0, 2, &context), seL4_IllegalOperation);
}

static void read_suspends(RtPool* pool) {
    RtThread thread;
    seL4_UserContext context;
    counter = 0;
    start_thread(&thread, pool, below, seL4_CapNull, count_for_ever, 1);
    RT_REQUIRE(seL4_TCB_ReadRegisters(thread.tcb, 0, 0, 3, &context));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
    RT_REQUIRE(seL4_TCB_ReadRegisters(thread.tcb, 1, 0, 3, &context));
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 1);
}

/// A thread that waits in a system call is at the instruction that made it, so that it can be started again.
static void waiting_thread(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    start_thread(&thread, pool, above, seL4_CapNull, count_received, endpoint);
    seL4_UserContext context;
    RT_REQUIRE(seL4_TCB_ReadRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &context));
    RT_EXPECT_EQUAL(*(volatile unsigned short*)context.rip, 0x050f);  // SYSCALL
    RT_EXPECT_EQUAL(context.rdx, (seL4_Word)seL4_SysRecv);
    RT_EXPECT_EQUAL(context.rdi, endpoint);
    RT_EXPECT_EQUAL(context.fs_base, thread.thread_pointer);
    // Reading did not disturb it.
    counter = 0;
    seL4_Send(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(counter, 1);
}

static void count_in_registers(seL4_Word unused) {
    (void)unused;
    __asm__ volatile("xorl %%r12d, %%r12d\n1:\tincq %%r12\n\tmovq %%r12, %%r13\n\tjmp 1b" : : : "r12", "r13");
}

/// Of a thread that the timer took the processor from all registers are there.
static void preempted_thread(RtPool* pool) {
    RtThread thread;
    start_thread(&thread, pool, RT_TEST_PRIORITY, seL4_CapNull, count_in_registers, 0);
    seL4_Word last = 0;
    for (int i = 0; i < 5; i++) {
        seL4_Yield();  // until its time slice is over
        seL4_UserContext context;
        RT_REQUIRE(seL4_TCB_ReadRegisters(thread.tcb, 0, 0, RT_REGISTER_COUNT, &context));
        RT_EXPECT(context.r12 - context.r13 <= 1);
        RT_EXPECT(context.r12 > last);
        last = context.r12;
    }
}

static void copy_all(RtPool* pool) {
    seL4_CPtr from = make(pool, seL4_TCBObject), to = make(pool, seL4_TCBObject);
    seL4_UserContext source = distinct(0x1000), target = distinct(0x2000), got;
    RT_REQUIRE(seL4_TCB_WriteRegisters(from, 0, 0, RT_REGISTER_COUNT, &source));
    RT_REQUIRE(seL4_TCB_WriteRegisters(to, 0, 0, RT_REGISTER_COUNT, &target));
    RT_REQUIRE(seL4_TCB_CopyRegisters(to, from, 0, 0, 0, 0, 0));
    RT_REQUIRE(seL4_TCB_ReadRegisters(to, 0, 0, RT_REGISTER_COUNT, &got));
    expect_registers(&got, &target, 0, RT_REGISTER_COUNT);
    RT_REQUIRE(seL4_TCB_CopyRegisters(to, from, 0, 0, 1, 1, 0));
    RT_REQUIRE(seL4_TCB_ReadRegisters(to, 0, 0, RT_REGISTER_COUNT, &got));
    expect_registers(&got, &source, 0, RT_REGISTER_COUNT);
    RT_REQUIRE(seL4_TCB_ReadRegisters(from, 0, 0, RT_REGISTER_COUNT, &got));
    expect_registers(&got, &source, 0, RT_REGISTER_COUNT);
}

/// Frame registers are those of seL4_UserContext up to R15, integer registers the two segment bases.
static void copy_parts(RtPool* pool) {
    enum { frame_registers = 18 };
    for (int part = 0; part < 2; part++) {
        seL4_CPtr from = make(pool, seL4_TCBObject), to = make(pool, seL4_TCBObject);
        seL4_UserContext source = distinct(0x1000), target = distinct(0x2000), got;
        RT_REQUIRE(seL4_TCB_WriteRegisters(from, 0, 0, RT_REGISTER_COUNT, &source));
        RT_REQUIRE(seL4_TCB_WriteRegisters(to, 0, 0, RT_REGISTER_COUNT, &target));
        RT_REQUIRE(seL4_TCB_CopyRegisters(to, from, 0, 0, part == 0, part == 1, 0));
        RT_REQUIRE(seL4_TCB_ReadRegisters(to, 0, 0, RT_REGISTER_COUNT, &got));
        expect_registers(&got, part == 0 ? &source : &target, 0, frame_registers);
        expect_registers(&got, part == 1 ? &source : &target, frame_registers, RT_REGISTER_COUNT);
    }
}

static void copy_suspends_and_resumes(RtPool* pool) {
    RtThread first, next;
    counter = 0;
    start_thread(&first, pool, below, seL4_CapNull, count_for_ever, 1);
    RT_REQUIRE(rt_thread_create(&next, pool, seL4_CapNull, above));
    seL4_UserContext context;
    rt_thread_registers(&next, count_once, 100, &context);
    RT_REQUIRE(seL4_TCB_WriteRegisters(next.tcb, 0, 0, RT_REGISTER_COUNT, &context));
    RT_REQUIRE(seL4_TCB_CopyRegisters(next.tcb, first.tcb, 1, 0, 0, 0, 0));  // suspends the first
    let_lower_run();
    RT_EXPECT_EQUAL(counter, 0);
    RT_REQUIRE(seL4_TCB_CopyRegisters(next.tcb, first.tcb, 0, 1, 0, 0, 0));  // resumes the other
    RT_EXPECT_EQUAL(counter, 100);
    RT_EXPECT_ERROR(seL4_TCB_CopyRegisters(next.tcb, ROOT, 0, 0, 1, 1, 0), seL4_InvalidCapability, 1);
    RT_EXPECT_ERROR(invoke(next.tcb, TCBCopyRegisters, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(next.tcb, TCBCopyRegisters, CAPS(first.tcb), NO_WORDS), seL4_TruncatedMessage);
}

/// The running thread's own registers can be copied: what they were when it called the kernel.
static void copy_of_oneself(RtPool* pool) {
    seL4_CPtr to = make(pool, seL4_TCBObject);
    RT_REQUIRE(seL4_TCB_CopyRegisters(to, seL4_CapInitThreadTCB, 0, 0, 1, 1, 0));
    seL4_UserContext got;
    RT_REQUIRE(seL4_TCB_ReadRegisters(to, 0, 0, RT_REGISTER_COUNT, &got));
    RT_EXPECT_EQUAL(got.rdi, to);
    seL4_Word own;
    __asm__("movq %%fs:0, %0" : "=r"(own));
    RT_EXPECT_EQUAL(got.fs_base, own);
}

static void tls_base(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    seL4_UserContext context = distinct(0x3000), got;
    RT_REQUIRE(seL4_TCB_WriteRegisters(tcb, 0, 0, RT_REGISTER_COUNT, &context));
    RT_REQUIRE(seL4_TCB_SetTLSBase(tcb, 0x123456789000));
    RT_REQUIRE(seL4_TCB_ReadRegisters(tcb, 0, 0, RT_REGISTER_COUNT, &got));
    context.fs_base = 0x123456789000;
    expect_registers(&got, &context, 0, RT_REGISTER_COUNT);
    RT_EXPECT_ERROR(invoke(tcb, TCBSetTLSBase, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
}

/// A thread's own base, by its TCB: in effect when the call returns.
static void own_tls_base(RtPool* pool) {
    (void)pool;
    static seL4_Word block[2] = {0xabcd};
    seL4_Word own, seen;
    __asm__("movq %%fs:0, %0" : "=r"(own));
    seL4_Error error = (seL4_Error)seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, own);
    RT_EXPECT_EQUAL(error, seL4_NoError);
    // The buffer's address is thread-local, so with another base no function may use it.
    register seL4_Word word __asm__("r10") = (seL4_Word)block;
    seL4_Word info = seL4_MessageInfo_new(TCBSetTLSBase, 0, 0, 1).words[0], target = seL4_CapInitThreadTCB;
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp\n\tmovq %%fs:0, %[seen]"
                     : "+S"(info), "+D"(target), "+r"(word), [seen] "=&a"(seen)
                     : "d"((seL4_Word)seL4_SysCall)
                     : "rbx", "rcx", "r8", "r9", "r11", "r15", "memory");
    info = seL4_MessageInfo_new(TCBSetTLSBase, 0, 0, 1).words[0];
    target = seL4_CapInitThreadTCB;
    word = own;
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     : "+S"(info), "+D"(target), "+r"(word)
                     : "d"((seL4_Word)seL4_SysCall)
                     : "rbx", "rcx", "r8", "r9", "r11", "r15", "memory");
    RT_EXPECT_EQUAL(seen, 0xabcd);
}

static const RtTest tests[] = {
    {"ReadRegisters reads what WriteRegisters wrote", what_was_written},
    {"ReadRegisters refuses too few, too many, and oneself", read_errors},
    {"ReadRegisters suspends on request", read_suspends},
    {"the registers of a thread that waits in a system call", waiting_thread},
    {"the registers of a thread that was preempted", preempted_thread},
    {"CopyRegisters copies all registers", copy_all},
    {"CopyRegisters copies frame registers or integer registers", copy_parts},
    {"CopyRegisters suspends and resumes on request", copy_suspends_and_resumes},
    {"CopyRegisters from the running thread", copy_of_oneself},
    {"SetTLSBase changes one register", tls_base},
    {"SetTLSBase of the running thread", own_tls_base},
};

const RtTestGroup read_tests = TEST_GROUP(tests);
