/* SPDX-License-Identifier: BSD-2-Clause */
/// Work that keeps a kernel busy for long, for `./antimono preemption`, which counts the kernel's instructions.
///
///     main.c        the list of scenarios
///     deletion.c    revoking and deleting capabilities and CNodes
///     memory.c      retyping
///     spaces.c      address spaces
///     waiting.c     endpoints and notifications with thousands of waiting threads
///     calls.c       everything short: messages, faults, registers, ports
///     latency.c     interrupts while the kernel is busy
#pragma once

#include <antimono/runtime.h>
#include <antimono/thread.h>

#include <stdbool.h>
#include <stdint.h>

/// What the run does. The tool that starts it overwrites this in the image; `magic` tells it where.
typedef struct Parameters {
    char magic[16];
    uint64_t retype_bits;  ///< how much memory the large retype clears, log2
    uint64_t latency;      ///< not 0: interrupts come in the meantime, and how late they are heard of is printed
} Parameters;
extern volatile Parameters parameters;

enum {
    many = 4096,        ///< capabilities, threads and pages in the large scenarios
    slot_count = 4700,  ///< of the range that every scenario uses
    memory_bits = 25,
    helper_priority = 10,  ///< lower than that of the waiting threads
    waiter_priority = 50,
    main_priority = seL4_MaxPrio - 1,  ///< of the initial thread; above it is what waits for interrupts
};

/// Memory and slots that each scenario may use as it likes; revoked and emptied between scenarios.
extern seL4_CPtr memory, slots;
#define OWN seL4_CapInitThreadCNode

/// A run of scenario code between two marks.
typedef struct Scenario {
    const char* name;
    void (*run)(void);
} Scenario;

/// From here on the processor works for the running scenario, until `measure_end`. The debugger, emulator or tool that
/// counts sees the instruction; on a processor it does nothing.
void measure_begin(void);
void measure_end(void);

/// Makes `count` objects in slots from `slots + at` on, out of `memory`.
void make(seL4_Word type, seL4_Word bits, seL4_Word at, seL4_Word count);
/// Everything that is in `memory`, and in the slots, goes away.
void clean(void);

void revoke_copies(void);
void revoke_objects(void);
void delete_full_cnode(void);
void delete_chain(void);
void delete_ring(void);
void retype_large(void);
void retype_tcbs(void);
void retype_pml4s(void);
void retype_cnodes(void);
void retype_frames(void);
void retype_tables(void);
void delete_pml4(void);
void revoke_space(void);
void revoke_empty_tables(void);
void unmap_tables(void);
void revoke_asid_pools(void);
void delete_asid_pool(void);
void delete_endpoint_senders(void);
void delete_endpoint_receivers(void);
void delete_notification(void);
void cancel_badged_all(void);
void cancel_badged_none(void);
void revoke_waiting_threads(void);
void message_deep(void);
void thread_operations(void);
void port_operations(void);
void fault_and_reply(void);
void ticks(void);

/// From now on measures how late a thread of the highest priority hears of a timer's interrupts during each scenario.
void latency_prepare(void);
void latency_begin(void);
/// Prints what it measured.
void latency_end(void);
