/* SPDX-License-Identifier: BSD-2-Clause */
/// Tests that run as a root task.
///
/// For each test a line `ok NAME` or `not ok NAME: REASON` is printed, then one line with the totals; the run ends with
/// status 0 if all passed, otherwise 1. A test thread that faults, and a test in which every thread waits for ever, are
/// failures of that test too: both end the run at once.
#pragma once

#include <antimono/fault.h>
#include <antimono/pool.h>
#include <antimono/thread.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RtTest {
    const char* name;
    void (*run)(RtPool* pool);  ///< `pool` is fresh for each test and taken back afterwards
} RtTest;

/// Tests of one subject.
typedef struct RtTestGroup {
    const RtTest* tests;
    size_t count;
} RtTestGroup;

/// The priority at which tests run: lower than the maximum, so that a test can make threads above itself.
#define RT_TEST_PRIORITY 100

/// Runs the groups in order. Returns the status for main() to return.
int rt_run_tests(const char* program, const RtTestGroup* groups, size_t count);

/// Marks the running test as failed. Only the first reason is printed.
void rt_fail(const char* file, int line, const char* format, ...) __attribute__((format(printf, 3, 4)));

/// True if the running test has failed.
bool rt_failed(void);

/// From now on every thread may wait, for an interrupt for example: that counts as a deadlock no more, until the next test.
/// Should nothing ever come, the run does not end.
void rt_allow_idle(void);

/// Leaves the running test out: it counts as passed and its line says why, as in `ok NAME # skipped: REASON`.
void rt_skip(const char* reason);

#define RT_EXPECT(condition)                                    \
    do {                                                        \
        if (!(condition)) {                                     \
            rt_fail(__FILE_NAME__, __LINE__, "%s", #condition); \
        }                                                       \
    } while (0)

#define RT_EXPECT_EQUAL(got, expected)                                                                \
    do {                                                                                              \
        seL4_Word rt_got = (seL4_Word)(got), rt_expected = (seL4_Word)(expected);                     \
        if (rt_got != rt_expected) {                                                                  \
            rt_fail(__FILE_NAME__, __LINE__, "%s is %#lx, expected %#lx", #got, rt_got, rt_expected); \
        }                                                                                             \
    } while (0)

/// The invocation succeeds; otherwise the test function returns.
#define RT_REQUIRE(invocation)                                                                   \
    do {                                                                                         \
        seL4_Error rt_required = (seL4_Error)(invocation);                                       \
        if (rt_required != seL4_NoError) {                                                       \
            rt_fail(__FILE_NAME__, __LINE__, "%s: %s", #invocation, rt_error_name(rt_required)); \
            return;                                                                              \
        }                                                                                        \
    } while (0)

/// The invocation fails with `error`, and the message registers behind it are those given (seL4 manual, "Errors").
#define RT_EXPECT_ERROR(invocation, error, ...)                                            \
    rt_expect_error(__FILE_NAME__, __LINE__, #invocation, (seL4_Error)(invocation), error, \
                    sizeof((seL4_Word[]){0, ##__VA_ARGS__}) / sizeof(seL4_Word) - 1,       \
                    (const seL4_Word[]){0, ##__VA_ARGS__} + 1)

void rt_expect_error(const char* file, int line, const char* invocation, seL4_Error got, seL4_Error expected,
                     size_t word_count, const seL4_Word* words);

// -- Memory that may not be there ------------------------------------------------------------------------------------

/// What came of an access by rt_try_read() and its like.
typedef struct RtAccess {
    seL4_Word value;  ///< what was read, if nothing faulted
    bool faulted;
    RtFault fault;  ///< if it faulted
} RtAccess;

/// One access by the thread that runs the tests, which survives a fault. There is no system call before the access, so
/// it uses whatever translation the processor remembers.
RtAccess rt_try_read(seL4_Word address);
RtAccess rt_try_write(seL4_Word address, seL4_Word value);
/// Calls code at `address` that returns at once, for example the single byte 0xc3.
RtAccess rt_try_execute(seL4_Word address);

#ifdef __cplusplus
}
#endif
