/* SPDX-License-Identifier: BSD-2-Clause */
/// Flags that a user program may set and that the kernel must not run with: DF (string instructions would go
/// backwards), AC (with SMAP it opens the user's pages), NT (IRET fails). The kernel is entered with each of them, by a
/// system call and by an interrupt, for work that would show it.
///
/// Not part of probe, because the seL4 kernel, version 16.0.0, does not survive the tests with NT: it clears only TF and
/// IF at a system call, and a return by IRET with NT set is an exception inside the kernel.
#include <antimono/pool.h>
#include <antimono/runtime.h>
#include <antimono/test.h>
#include <antimono/thread.h>

#include <sel4/invocation.h>

#define DF 0x400ul
#define NT 0x4000ul
#define AC 0x40000ul

#define ROOT seL4_CapInitThreadCNode

/// seL4_Call that sets `flags` just before it enters the kernel and clears them just after. The message's first four
/// words are those in the IPC buffer, as for seL4_Call. `*after` gets the flags with which the kernel returned.
static seL4_MessageInfo_t call_with_flags(seL4_Word flags, seL4_CPtr target, seL4_MessageInfo_t info,
                                          seL4_Word* after) {
    register seL4_Word mr0 __asm__("r10") = seL4_GetMR(0);
    register seL4_Word mr1 __asm__("r8") = seL4_GetMR(1);
    register seL4_Word mr2 __asm__("r9") = seL4_GetMR(2);
    register seL4_Word mr3 __asm__("r15") = seL4_GetMR(3);
    seL4_Word tag = info.words[0], popped = flags | 0x202;
    // The flags go to a place of their own: with DF set the compiler's code must not run.
    __asm__ volatile(
        "subq $128, %%rsp\n\t"  // what the compiler keeps below the stack pointer
        "pushq %[flags]\n\tpopfq\n\t"
        "movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp\n\t"
        "pushfq\n\tpopq %[flags]\n\t"
        "pushq $0x202\n\tpopfq\n\t"
        "addq $128, %%rsp"
        : [flags] "+r"(popped), "+S"(tag), "+D"(target), "+r"(mr0), "+r"(mr1), "+r"(mr2), "+r"(mr3)
        : "d"((seL4_Word)seL4_SysCall)
        : "rbx", "rcx", "r11", "memory", "cc");
    seL4_SetMR(0, mr0);
    seL4_SetMR(1, mr1);
    seL4_SetMR(2, mr2);
    seL4_SetMR(3, mr3);
    *after = popped & ~0x202ul & ~0x8d5ul;  // without IF, bit 1 and the arithmetic flags
    info.words[0] = tag;
    return info;
}

/// Retype clears memory and writes capabilities into several slots.
static void retype_with(RtPool* pool, seL4_Word flags) {
    enum { count = 16 };
    seL4_CPtr memory, frames = 0;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 17, &memory));
    for (int i = 0; i < count; i++) {
        seL4_CPtr slot = rt_pool_slot(pool);
        frames = i == 0 ? slot : frames;
    }
    for (int round = 0; round < 2; round++) {
        const seL4_Word words[] = {seL4_X86_4K, 0, 0, 0, frames, count};
        for (int i = 0; i < 6; i++) {
            seL4_SetMR(i, words[i]);
        }
        seL4_SetCap(0, ROOT);
        seL4_Word after;
        seL4_MessageInfo_t info = call_with_flags(flags, memory, seL4_MessageInfo_new(UntypedRetype, 0, 1, 6), &after);
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
        RT_EXPECT_EQUAL(after, flags);
        for (seL4_CPtr i = 0; i < count; i++) {
            void* page;
            RT_REQUIRE(rt_pool_map(pool, frames + i, seL4_ReadWrite, &page));
            for (size_t w = 0; w < 512; w++) {
                RT_EXPECT_EQUAL(((volatile seL4_Word*)page)[w], 0);
                ((volatile seL4_Word*)page)[w] = ~0ul;
            }
        }
        RT_REQUIRE(seL4_CNode_Revoke(ROOT, memory, seL4_WordBits));  // dirty memory for the second round
    }
}

static void echo(seL4_Word endpoint) {
    seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL);
    for (;;) {
        info = seL4_ReplyRecv(endpoint, info, NULL);
    }
}

/// A long message there and back is copied between two buffers.
static void message_with(RtPool* pool, seL4_Word flags) {
    RtThread server;
    seL4_CPtr endpoint;
    RT_REQUIRE(rt_pool_retype(pool, seL4_EndpointObject, 0, &endpoint));
    RT_REQUIRE(rt_thread_create(&server, pool, seL4_CapNull, RT_TEST_PRIORITY + 1));
    RT_REQUIRE(rt_thread_start(&server, echo, endpoint));
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 0x1000u + (unsigned)i);
    }
    seL4_Word after;
    seL4_MessageInfo_t info =
        call_with_flags(flags, endpoint, seL4_MessageInfo_new(0, 0, 0, seL4_MsgMaxLength), &after);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_length(info), seL4_MsgMaxLength);
    RT_EXPECT_EQUAL(after, flags);
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        RT_EXPECT_EQUAL(seL4_GetMR(i), 0x1000u + (unsigned)i);
    }
}

static volatile int ran;

static void run_once(seL4_Word unused) {
    (void)unused;
    ran++;
}

/// A new thread is entered by IRET.
static void new_thread_with(RtPool* pool, seL4_Word flags) {
    RtThread other;
    ran = 0;
    RT_REQUIRE(rt_thread_create(&other, pool, seL4_CapNull, RT_TEST_PRIORITY + 1));
    seL4_UserContext registers;
    rt_thread_registers(&other, run_once, 0, &registers);
    RT_REQUIRE(seL4_TCB_WriteRegisters(other.tcb, 0, 0, RT_REGISTER_COUNT, &registers));
    seL4_Word after;
    seL4_MessageInfo_t info = call_with_flags(flags, other.tcb, seL4_MessageInfo_new(TCBResume, 0, 0, 0), &after);
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
    RT_EXPECT_EQUAL(after, flags);
    RT_EXPECT_EQUAL(ran, 1);
}

static void spin(seL4_Word flags) {
    // Keeps the flags set while the timer interrupts, and stays away from memory.
    __asm__ volatile("pushq %0\n\tpopfq\n1:\tpause\n\tjmp 1b" : : "r"(flags | 0x202) : "cc");
}

static void count_down(seL4_Word flags) {
    for (int i = 0; i < 3; i++) {
        __asm__ volatile("pushq %0\n\tpopfq" : : "r"(flags | 0x202) : "cc", "memory");
        for (int n = 0; n < 1000; n++) {
            __asm__ volatile("pause");
        }
        __asm__ volatile("pushq $0x202\n\tpopfq" : : : "cc", "memory");
        seL4_Yield();
        ran++;
    }
    seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY);
}

/// Two threads of one priority that never stop by themselves, both with the flags: the timer takes the processor from
/// each, and gives it to a third, which ends the test.
static void interrupts_with(RtPool* pool, seL4_Word flags) {
    RtThread threads[3];
    const RtThreadEntry entries[3] = {spin, spin, count_down};
    ran = 0;
    for (int i = 0; i < 3; i++) {
        RT_REQUIRE(rt_thread_create(&threads[i], pool, seL4_CapNull, RT_TEST_PRIORITY - 1));
        RT_REQUIRE(rt_thread_start(&threads[i], entries[i], flags));
    }
    RT_REQUIRE(
        seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY - 2));
    RT_EXPECT_EQUAL(ran, 3);
}

#define TESTS(flag)                                                              \
    static void retype_##flag(RtPool* pool) { retype_with(pool, flag); }         \
    static void message_##flag(RtPool* pool) { message_with(pool, flag); }       \
    static void interrupts_##flag(RtPool* pool) { interrupts_with(pool, flag); } \
    static void new_thread_##flag(RtPool* pool) { new_thread_with(pool, flag); }
TESTS(DF)
TESTS(AC)
TESTS(NT)

#define ENTRIES(flag)                                                                            \
    {#flag ": Retype clears memory", retype_##flag}, {#flag ": a long message", message_##flag}, \
        {#flag ": timer interrupts", interrupts_##flag}, {#flag ": a new thread starts", new_thread_##flag},

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    static const RtTest tests[] = {ENTRIES(DF) ENTRIES(AC) ENTRIES(NT)};
    const RtTestGroup groups[] = {{tests, sizeof tests / sizeof *tests}};
    return rt_run_tests("kernel_flags", groups, 1);
}
