/* SPDX-License-Identifier: BSD-2-Clause */
/// What the programs of all chapters share.
#pragma once

#include <antimono/fault.h>
#include <antimono/pool.h>
#include <antimono/runtime.h>
#include <antimono/test.h>
#include <antimono/thread.h>

/// Priorities of test threads relative to the test itself. None are equal, so that no result depends on where a timer
/// tick falls.
enum { below = RT_TEST_PRIORITY - 10, above = RT_TEST_PRIORITY + 10 };

#define ROOT seL4_CapInitThreadCNode
#define DEPTH seL4_WordBits

/// A new object of fixed size; a failure ends the run.
seL4_CPtr make(RtPool* pool, seL4_Word type);

/// A new CNode of 2^`bits` slots.
seL4_CPtr make_cnode(RtPool* pool, seL4_Word bits);

/// A copy in the root CNode with `rights` and, unless zero, `badge`.
seL4_CPtr mint(RtPool* pool, seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge);

/// Makes and starts a thread that calls `entry(argument)`. With priority `above` it runs before this returns, until it
/// waits for something.
void start_thread(RtThread* thread, RtPool* pool, seL4_Word priority, seL4_CPtr fault_endpoint, RtThreadEntry entry,
                  seL4_Word argument);

/// Invokes `target` by seL4_Call with exactly this message, for errors that no stub can produce. The answer's words are
/// in the message registers.
seL4_Error invoke(seL4_CPtr target, seL4_Word label, size_t cap_count, const seL4_CPtr* caps, size_t word_count,
                  const seL4_Word* words);

/// The words of a message, for example INVOKE(tcb, TCBConfigure, CAPS(a, b), WORDS(1, 2)).
#define WORDS(...) \
    sizeof((seL4_Word[]){__VA_ARGS__}) / sizeof(seL4_Word), (const seL4_Word[]) { __VA_ARGS__ }
#define CAPS(...) \
    sizeof((seL4_CPtr[]){__VA_ARGS__}) / sizeof(seL4_CPtr), (const seL4_CPtr[]) { __VA_ARGS__ }
#define NO_WORDS 0, NULL
#define NO_CAPS 0, NULL

/// True if there is a capability in the slot of the root CNode. (Moving a capability onto itself fails in one way if the
/// slot is empty and in another if it is not, and changes nothing.)
bool slot_is_full(seL4_CPtr slot);

/// The entry of the boot information's untyped list for `device` memory of at least 2^`bits` bytes; seL4_CapNull if
/// there is none.
seL4_CPtr boot_untyped(bool device, seL4_Word bits);

#define TEST_GROUP(tests) {tests, sizeof(tests) / sizeof(*(tests))}

/// The main() of a chapter: runs the groups in this order.
#define CHAPTER(name, ...)                                                 \
    int main(const seL4_BootInfo* boot_info) {                             \
        (void)boot_info;                                                   \
        const RtTestGroup groups[] = {__VA_ARGS__};                        \
        return rt_run_tests(name, groups, sizeof groups / sizeof *groups); \
    }
