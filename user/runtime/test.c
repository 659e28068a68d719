/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <antimono/fault.h>
#include <antimono/runtime.h>
#include <antimono/test.h>

enum {
    watcher_priority = seL4_MaxPrio,
    idle_priority = seL4_MinPrio,
    watch_pool_bits = 18,
    watch_pool_slots = 64,
    test_pool_bits = 23,
    test_pool_slots = 1024,
};

static struct {
    const char* name;
    bool failed;
    char reason[256];
    const char* skipped;
    unsigned passed_count, failed_count;
    const char* program;
} running;

void rt_fail(const char* file, int line, const char* format, ...) {
    if (running.failed) {
        return;
    }
    running.failed = true;
    int length = rt_snprintf(running.reason, sizeof running.reason, "%s:%d: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    if (length < (int)sizeof running.reason) {
        rt_vsnprintf(running.reason + length, sizeof running.reason - (size_t)length, format, arguments);
    }
    va_end(arguments);
}

bool rt_failed(void) { return running.failed; }

void rt_skip(const char* reason) { running.skipped = reason; }

void rt_expect_error(const char* file, int line, const char* invocation, seL4_Error got, seL4_Error expected,
                     size_t word_count, const seL4_Word* words) {
    seL4_Word answer[8];
    for (size_t i = 0; i < word_count; i++) {
        answer[i] = seL4_GetMR((int)i);
    }
    if (got != expected) {
        rt_fail(file, line, "%s: %s, expected %s", invocation, rt_error_name(got), rt_error_name(expected));
        return;
    }
    for (size_t i = 0; i < word_count; i++) {
        if (answer[i] != words[i]) {
            rt_fail(file, line, "%s: %s as expected, but message register %lu is %#lx, expected %#lx", invocation,
                    rt_error_name(got), i, answer[i], words[i]);
            return;
        }
    }
}

static void print_result(void) {
    if (running.failed) {
        running.failed_count++;
        rt_printf("not ok %s: %s\n", running.name, running.reason);
    } else {
        running.passed_count++;
        rt_printf(running.skipped != NULL ? "ok %s # skipped: %s\n" : "ok %s\n", running.name, running.skipped);
    }
}

static int print_totals(void) {
    rt_printf("%s: %u passed, %u failed\n", running.program, running.passed_count, running.failed_count);
    return running.failed_count != 0;
}

/// What rt_panic() calls while tests run.
static void end_by_panic(const char* message) {
    running.failed = true;
    rt_printf("not ok %s: %s\n", running.name, message);
    running.failed_count++;
    rt_exit(print_totals());
}

static seL4_CPtr fault_endpoint;

/// Waits for a fault of the thread that runs the tests.
static void watch_for_faults(seL4_Word unused) {
    (void)unused;
    RtFault fault;
    do {
        rt_fault_read(&fault, seL4_Recv(fault_endpoint, NULL));
    } while (rt_try_recover(seL4_CapInitThreadTCB, &fault));
    char sentence[128];
    rt_fault_describe(&fault, sentence, sizeof sentence);
    end_by_panic(sentence);
}

/// Runs when no other thread can.
static void watch_for_deadlock(seL4_Word unused) {
    (void)unused;
    end_by_panic("every thread waits for ever");
}

static RtThread fault_watcher, deadlock_watcher;
static bool idle_allowed;

void rt_allow_idle(void) {
    idle_allowed = true;
    RT_CHECK(seL4_TCB_Suspend(deadlock_watcher.tcb));
}

static void forbid_idle(void) {
    if (idle_allowed) {
        idle_allowed = false;
        RT_CHECK(seL4_TCB_Resume(deadlock_watcher.tcb));
    }
}

/// Makes the two watchers, and leaves the calling thread at RT_TEST_PRIORITY with its faults going to the first.
static seL4_Error start_watchers(RtPool* pool) {
    seL4_Error error = rt_pool_create(pool, watch_pool_bits, watch_pool_slots);
    if (error == seL4_NoError) {
        error = rt_pool_retype(pool, seL4_EndpointObject, 0, &fault_endpoint);
    }
    if (error == seL4_NoError) {
        error = rt_thread_create(&fault_watcher, pool, seL4_CapNull, watcher_priority);
    }
    if (error == seL4_NoError) {
        error = rt_thread_create(&deadlock_watcher, pool, seL4_CapNull, idle_priority);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_TCB_Configure(seL4_CapInitThreadTCB, fault_endpoint, seL4_CapInitThreadCNode, 0,
                                               seL4_CapInitThreadVSpace, 0, (seL4_Word)rt_boot_info()->ipcBuffer,
                                               seL4_CapInitThreadIPCBuffer);
    }
    if (error == seL4_NoError) {
        error = rt_thread_start(&fault_watcher, watch_for_faults, 0);
    }
    if (error == seL4_NoError) {
        error = rt_thread_start(&deadlock_watcher, watch_for_deadlock, 0);
    }
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio,
                                                    RT_TEST_PRIORITY);
    }
    return error;
}

int rt_run_tests(const char* program, const RtTestGroup* groups, size_t count) {
    static RtPool watchers, pool;
    running.program = program;
    running.name = "start";
    rt_on_panic = end_by_panic;
    RT_CHECK(start_watchers(&watchers));
    RT_CHECK(rt_pool_create(&pool, test_pool_bits, test_pool_slots));
    for (size_t g = 0; g < count; g++) {
        for (size_t t = 0; t < groups[g].count; t++) {
            running.name = groups[g].tests[t].name;
            running.failed = false;
            running.skipped = NULL;
            groups[g].tests[t].run(&pool);
            forbid_idle();
            seL4_Error error = rt_pool_reset(&pool);
            if (error != seL4_NoError) {
                rt_fail(__FILE_NAME__, __LINE__, "taking back the test's objects: %s", rt_error_name(error));
            }
            print_result();
        }
    }
    rt_on_panic = NULL;
    return print_totals();
}
