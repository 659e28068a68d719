/* SPDX-License-Identifier: BSD-2-Clause */
/// System calls (seL4 manual, 2.2 "System Calls").
#include "support.h"

#include <string.h>

static struct {
    char order[16];
    int length;
} turns;

static void take_turns(seL4_Word name) {
    for (int i = 0; i < 3; i++) {
        turns.order[turns.length++] = (char)name;
        seL4_Yield();
    }
}

/// Two threads of one priority; where each ran is left in `turns`.
static void run_two(RtPool* pool) {
    RtThread a, b;
    turns.length = 0;
    start_thread(&a, pool, below, seL4_CapNull, take_turns, 'a');
    start_thread(&b, pool, below, seL4_CapNull, take_turns, 'b');
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, below - 1));
    // They have run to their end when this thread, until now below them, runs again.
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY));
    turns.order[turns.length] = '\0';
}

static void yield_lets_the_next_run(RtPool* pool) {
    // The end of a time slice may change the order on a slow machine, but hardly every time.
    for (int attempt = 0; attempt < 10; attempt++) {
        run_two(pool);
        RT_EXPECT_EQUAL(turns.length, 6);
        // A thread that becomes ready goes to the front of its queue, one that yields to the end.
        if (strcmp(turns.order, "bababa") == 0) {
            return;
        }
        RT_REQUIRE(rt_pool_reset(pool));
    }
    rt_fail(__FILE_NAME__, __LINE__, "they ran in the order %s, expected bababa", turns.order);
}

static void yield_alone_returns(RtPool* pool) {
    RtThread lower;
    turns.length = 0;
    start_thread(&lower, pool, below, seL4_CapNull, take_turns, 'l');
    seL4_Yield();
    RT_EXPECT_EQUAL(turns.length, 0);  // a thread of lower priority does not profit
}

/// A system call changes RCX and R11, which the SYSCALL instruction itself uses, and what it returns; nothing else.
static void registers_survive(RtPool* pool) {
    (void)pool;
    seL4_Word got[8];
    __asm__ volatile(
        "movq $0x11, %%rax; movq $0x12, %%r12; movq $0x13, %%r13; movq $0x14, %%r14\n\t"
        "movq $0x15, %%r10; movq $0x16, %%r8; movq $0x17, %%r9; movq $0x18, %%r15\n\t"
        "movq %%rsp, %%rbx; syscall; movq %%rbx, %%rsp\n\t"
        "movq %%rax, %0; movq %%r12, %1; movq %%r13, %2; movq %%r14, %3\n\t"
        "movq %%r10, %4; movq %%r8, %5; movq %%r9, %6; movq %%r15, %7"
        : "=m"(got[0]), "=m"(got[1]), "=m"(got[2]), "=m"(got[3]), "=m"(got[4]), "=m"(got[5]), "=m"(got[6]), "=m"(got[7])
        : "d"((seL4_Word)seL4_SysYield)
        : "rax", "rbx", "rcx", "rdi", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory");
    const seL4_Word expected[8] = {0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18};
    for (int i = 0; i < 8; i++) {
        RT_EXPECT_EQUAL(got[i], expected[i]);
    }
}

static const RtTest tests[] = {
    {"Yield lets the next thread of the same priority run", yield_lets_the_next_run},
    {"Yield returns at once to a thread that is alone at its priority", yield_alone_returns},
    {"a system call leaves the other registers alone", registers_survive},
};

const RtTestGroup syscall_tests = TEST_GROUP(tests);
