/* SPDX-License-Identifier: BSD-2-Clause */
/// The benchmarking system calls (seL4 manual, "Benchmarking System Calls") on a kernel that tracks utilisation: what they
/// return, and what adds up. Passes on the seL4 kernel, version 16.0.0, too.
#include <antimono/fault.h>
#include <antimono/pool.h>
#include <antimono/runtime.h>
#include <antimono/test.h>
#include <antimono/thread.h>

#include <sel4/benchmark_utilisation_types.h>

enum { words = BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES + 1, calls = 10, rounds = 200000 };

/// What GetThreadUtilisation leaves in the IPC buffer; the words behind it stay as they are.
typedef struct Report {
    seL4_Word of[words];
} Report;

static Report report_of(seL4_CPtr tcb) {
    Report report;
    seL4_Word* const message = seL4_GetIPCBuffer()->msg;
    for (seL4_Word i = 0; i <= words; i++) {
        message[i] = ~i;
    }
    seL4_BenchmarkGetThreadUtilisation(tcb);
    for (seL4_Word i = 0; i < words; i++) {
        report.of[i] = message[i];
    }
    RT_EXPECT_EQUAL(message[words], ~(seL4_Word)words);
    return report;
}

static bool is_untouched(const Report* report) {
    for (seL4_Word i = 0; i < words; i++) {
        if (report->of[i] != ~i) {
            return false;
        }
    }
    return true;
}

static volatile seL4_Word counted;

/// Computes for a while, enters the kernel a few times, and waits.
static void work(seL4_Word endpoint) {
    for (int i = 0; i < rounds; i++) {
        counted++;
    }
    for (int i = 0; i < calls; i++) {
        seL4_BenchmarkNullSyscall();
    }
    seL4_Recv(endpoint, NULL);
}

static RtThread worker;

/// A thread that works and then waits, above the test.
static void make_worker(RtPool* pool, seL4_CPtr* endpoint) {
    RT_CHECK(rt_pool_retype(pool, seL4_EndpointObject, 0, endpoint));
    RT_CHECK(rt_thread_create(&worker, pool, seL4_CapNull, RT_TEST_PRIORITY + 1));
}

static void results(RtPool* pool) {
    (void)pool;
    RT_EXPECT_EQUAL(seL4_BenchmarkResetLog(), seL4_NoError);
    RT_EXPECT_EQUAL(seL4_BenchmarkFinalizeLog(), 0);
    RT_EXPECT_EQUAL(seL4_BenchmarkFinalizeLog(), 0);
    seL4_BenchmarkNullSyscall();
    seL4_BenchmarkFlushCaches();
}

static void one_thread(RtPool* pool) {
    seL4_CPtr endpoint;
    make_worker(pool, &endpoint);
    seL4_BenchmarkResetThreadUtilisation(worker.tcb);
    seL4_BenchmarkResetThreadUtilisation(seL4_CapInitThreadTCB);
    RT_EXPECT_EQUAL(seL4_BenchmarkResetLog(), seL4_NoError);
    RT_REQUIRE(rt_thread_start(&worker, work, endpoint));
    seL4_BenchmarkFinalizeLog();
    Report its = report_of(worker.tcb), own = report_of(seL4_CapInitThreadTCB);
    RT_EXPECT_EQUAL(counted % rounds, 0);
    // Both run again after each switch to the other; timer ticks come in addition.
    RT_EXPECT_EQUAL(its.of[BENCHMARK_TCB_NUMBER_SCHEDULES], 1);
    RT_EXPECT_EQUAL(own.of[BENCHMARK_TCB_NUMBER_SCHEDULES], 2);
    RT_EXPECT(its.of[BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES] >= calls + 1);
    RT_EXPECT(its.of[BENCHMARK_TCB_UTILISATION] > rounds / 2);
    RT_EXPECT(its.of[BENCHMARK_TCB_KERNEL_UTILISATION] > 0);
    RT_EXPECT(own.of[BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES] >= 2);
    // Nobody idled; the end of counting is counted as a switch to that.
    RT_EXPECT_EQUAL(its.of[BENCHMARK_IDLE_LOCALCPU_UTILISATION], 0);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_IDLE_TCBCPU_UTILISATION], 0);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_IDLE_NUMBER_SCHEDULES], 1);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_IDLE_KERNEL_UTILISATION], 0);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_IDLE_NUMBER_KERNEL_ENTRIES], 0);
    // The whole is the sum of its parts.
    RT_EXPECT_EQUAL(its.of[BENCHMARK_TOTAL_NUMBER_SCHEDULES], 4);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_TOTAL_UTILISATION],
                    its.of[BENCHMARK_TCB_UTILISATION] + own.of[BENCHMARK_TCB_UTILISATION]);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES],
                    its.of[BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES] + own.of[BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES]);
    RT_EXPECT_EQUAL(its.of[BENCHMARK_TOTAL_KERNEL_UTILISATION],
                    its.of[BENCHMARK_TCB_KERNEL_UTILISATION] + own.of[BENCHMARK_TCB_KERNEL_UTILISATION]);
    RT_EXPECT(its.of[BENCHMARK_TOTAL_KERNEL_UTILISATION] < its.of[BENCHMARK_TOTAL_UTILISATION]);
    for (seL4_Word i = BENCHMARK_IDLE_LOCALCPU_UTILISATION; i < words; i++) {
        RT_EXPECT_EQUAL(own.of[i], its.of[i]);
    }
}

/// Nothing counts before the log is reset, and after it was finalised.
static void counting_ends(RtPool* pool) {
    seL4_CPtr endpoint;
    make_worker(pool, &endpoint);
    seL4_BenchmarkResetLog();
    seL4_BenchmarkFinalizeLog();
    seL4_BenchmarkResetThreadUtilisation(worker.tcb);
    Report before = report_of(seL4_CapInitThreadTCB);
    RT_REQUIRE(rt_thread_start(&worker, work, endpoint));
    Report its = report_of(worker.tcb), after = report_of(seL4_CapInitThreadTCB);
    for (seL4_Word i = 0; i <= BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES; i++) {
        RT_EXPECT_EQUAL(its.of[i], 0);
    }
    for (seL4_Word i = 0; i < words; i++) {
        RT_EXPECT_EQUAL(after.of[i], before.of[i]);
    }
}

/// What is known of threads stays until it is reset.
static void reset(RtPool* pool) {
    seL4_CPtr endpoint;
    make_worker(pool, &endpoint);
    seL4_BenchmarkResetThreadUtilisation(worker.tcb);
    seL4_BenchmarkResetLog();
    RT_REQUIRE(rt_thread_start(&worker, work, endpoint));
    seL4_BenchmarkFinalizeLog();
    Report first = report_of(worker.tcb), second = {0};
    // When a time slice ends meanwhile, there is one more schedule.
    for (int attempt = 0; attempt < 5 && second.of[BENCHMARK_TOTAL_NUMBER_SCHEDULES] != 4; attempt++) {
        first = attempt == 0 ? first : second;
        seL4_Word schedules = first.of[BENCHMARK_TCB_NUMBER_SCHEDULES];
        seL4_BenchmarkResetLog();
        RT_REQUIRE(rt_thread_start(&worker, work, endpoint));
        seL4_BenchmarkFinalizeLog();
        second = report_of(worker.tcb);
        RT_EXPECT(second.of[BENCHMARK_TCB_NUMBER_SCHEDULES] > schedules);
    }
    RT_EXPECT(second.of[BENCHMARK_TCB_UTILISATION] > first.of[BENCHMARK_TCB_UTILISATION]);
    RT_EXPECT_EQUAL(second.of[BENCHMARK_TOTAL_NUMBER_SCHEDULES], 4);
    seL4_BenchmarkResetThreadUtilisation(worker.tcb);
    Report third = report_of(worker.tcb);
    for (seL4_Word i = 0; i <= BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES; i++) {
        RT_EXPECT_EQUAL(third.of[i], 0);
    }
    RT_EXPECT(report_of(seL4_CapInitThreadTCB).of[BENCHMARK_TCB_NUMBER_SCHEDULES] != 0);
#ifdef CONFIG_DEBUG_BUILD
    seL4_BenchmarkResetAllThreadsUtilisation();
    RT_EXPECT_EQUAL(report_of(seL4_CapInitThreadTCB).of[BENCHMARK_TCB_NUMBER_SCHEDULES], 0);
#endif
}

/// A capability to something else than a thread, or none: nothing happens.
static void no_thread(RtPool* pool) {
    (void)pool;
    const seL4_CPtr others[] = {seL4_CapNull, seL4_CapInitThreadCNode, rt_pool_slot(pool), ~(seL4_CPtr)0};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        Report report = report_of(others[i]);
        RT_EXPECT(is_untouched(&report));
        seL4_BenchmarkResetThreadUtilisation(others[i]);
    }
}

/// Without a log buffer the call for it is one that the kernel does not know.
static void set_log_buffer(seL4_Word unused) { seL4_BenchmarkSetLogBuffer(unused); }

static void no_log_buffer(RtPool* pool) {
    seL4_CPtr faults, handler = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_EndpointObject, 0, &faults));
    RT_REQUIRE(seL4_CNode_Mint(seL4_CapInitThreadCNode, handler, seL4_WordBits, seL4_CapInitThreadCNode, faults,
                               seL4_WordBits, seL4_AllRights, 1));
    RT_REQUIRE(rt_thread_create(&worker, pool, handler, RT_TEST_PRIORITY + 1));
    RT_REQUIRE(rt_thread_start(&worker, set_log_buffer, 0));
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(faults, NULL));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UnknownSyscall);
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_Syscall], (seL4_Word)seL4_SysBenchmarkSetLogBuffer);
}

/// Deleting the thread that is being counted.
static void deleted_thread(RtPool* pool) {
    seL4_CPtr endpoint;
    make_worker(pool, &endpoint);
    seL4_BenchmarkResetLog();
    RT_REQUIRE(rt_thread_start(&worker, work, endpoint));
    RT_REQUIRE(seL4_CNode_Delete(seL4_CapInitThreadCNode, worker.tcb, seL4_WordBits));
    seL4_BenchmarkFinalizeLog();
    Report own = report_of(seL4_CapInitThreadTCB);
    RT_EXPECT(own.of[BENCHMARK_TOTAL_UTILISATION] > own.of[BENCHMARK_TOTAL_KERNEL_UTILISATION]);
    RT_EXPECT_EQUAL(own.of[BENCHMARK_IDLE_LOCALCPU_UTILISATION], 0);
}

static void dump(RtPool* pool) {
    (void)pool;
#ifdef CONFIG_DEBUG_BUILD
    seL4_BenchmarkResetAllThreadsUtilisation();
    seL4_BenchmarkResetLog();
    seL4_BenchmarkFinalizeLog();
    seL4_BenchmarkDumpAllThreadsUtilisation();
#endif
}

static const RtTest tests[] = {
    {"what the calls return", results},
    {"what a thread used, and the whole", one_thread},
    {"counting ends", counting_ends},
    {"a thread's figures are reset", reset},
    {"the figures of no thread", no_thread},
    {"a kernel without a log buffer", no_log_buffer},
    {"a thread that is deleted meanwhile", deleted_thread},
    {"the figures of all threads", dump},
};

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    const RtTestGroup groups[] = {{tests, sizeof tests / sizeof *tests}};
    return rt_run_tests("utilisation", groups, 1);
}
