/* SPDX-License-Identifier: BSD-2-Clause */
/// The parts of the conformance program and what they share.
///
///     main.c       takes the scripts out of the image and runs one after the other
///     world.c      what a script finds: threads, a capability space, an address space, memory; made anew for each
///     step.c       carries out steps and gathers everything that a program can see of them
///     pretend.c    steps that are not carried out
///     digest.c     sums up what was seen; in words if the tool asks for it
///     slots.c      what the scripts' CNode holds
///     generate*.c  the steps of random scripts (model.c: what they know about the world)
///     tally.c      which types of objects random scripts make, use and remove
///     thread.S     the code of the scripted threads
///
/// The supervisor is the root task's initial thread. It has the lowest priority of all threads that run, so that it goes
/// on when nobody else can: nothing depends on time. Threads that can run at the same time have different priorities.
#pragma once

#include <antimono/pool.h>
#include <antimono/runtime.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

// -- What the tool writes into the image -------------------------------------------------------------------------------

enum { jobs_bytes = 1 << 20 };

/// Jobs, one behind the other, each a header and for scripts its steps (tools/antimono/conform_image.py).
typedef struct Jobs {
    char magic[16];
    uint64_t length;  ///< bytes used of `data`
    uint64_t data[jobs_bytes / 8];
} Jobs;
extern volatile Jobs jobs;

enum JobKind {
    job_script = 1,
    job_seeds = 2,
    job_generate = 3,  ///< sums up the steps that the generator makes if they end by rules of its own: take none
};

/// A job's header. The seeds of job_seeds and job_generate run from `first` to `last`, each with `count` steps.
typedef struct Job {
    uint64_t kind;
    uint64_t options;
    uint64_t first, last;
    uint64_t count;
} Job;

enum JobOptions {
    option_verbose = 1,  ///< print all that is seen
    option_large = 2,    ///< the world has 4 MiB of untyped memory for large frames
};

// -- Steps -------------------------------------------------------------------------------------------------------------

enum Operation {
    operation_syscall,  ///< `call` with message info `info` at capability `target`, words and capabilities
    operation_load,     ///< from address `target`
    operation_store,    ///< words[0] to address `target`
    operation_execute,  ///< address `target`
    operation_enter,    ///< go to entry point `target` of the window, with words[0] in RSI
    operation_restart,  ///< the supervisor takes the thread out of wherever it is
    operation_slots,    ///< the supervisor looks at what the CNode holds
    operation_receive,  ///< sets where capabilities are received: words are root, index, depth
    operation_buffer,   ///< sets word `target` of the IPC buffer to words[0]
};

enum { step_words = 28, step_caps = 3, step_header_words = 4 };

/// In a step's operation in a job: the next step follows without the supervisor in between.
enum { joined = 0x80 };

typedef struct Step {
    uint8_t thread, operation, word_count, cap_count;
    int32_t call;
    uint64_t info;
    uint64_t target;
    uint64_t words[step_words];
    uint64_t caps[step_caps];
    bool joined;  ///< the next step follows without the supervisor in between
} Step;

/// How a step ended for the thread that took it. Errors of invocations are their seL4_Error.
enum Outcome {
    outcome_success = 0,
    outcome_unknown_error = 11,
    outcome_waits = 12,    ///< the thread did not get back: blocked, faulted or ended
    outcome_done = 13,     ///< back from something that has no result
    outcome_message = 14,  ///< back from receiving
    outcome_skipped = 15,  ///< not taken: the thread waits since an earlier step
};

/// Takes one step and adds what is seen to the digest; returns its outcome.
enum Outcome take_step(const Step* step);
enum { most_joined = 1 + RECORD_JOINED };
/// Takes steps that are joined. Unless all are one thread's own, they are taken one by one.
void take_joined(const Step* steps, unsigned count);
/// How a step might have ended, without taking it: follows from the steps before alone.
enum Outcome pretend_step(const Step* step);
void pretend_begin(void);
/// Whether the supervisor takes the step, not a thread.
bool is_supervised(const Step* step);
/// How a step ended for a thread that came back from it; `label` is of the message that it has then.
enum Outcome outcome_with(const Step* step, seL4_Word label);
/// Whether the thread came back from its last step.
bool is_idle(unsigned thread);
void set_idle(unsigned thread, bool idle);
/// Forgets about the last script.
void steps_begin(void);

// -- The world ---------------------------------------------------------------------------------------------------------

enum {
    thread_count = 4,  ///< that a script starts with
    window_count = 8,  ///< more threads can be made to run in the others
    slot_bits = 8,     ///< log2 of the slots of the scripts' CNode
    node_bits = 4,     ///< of the second one
    supervisor_priority = 1,
    first_priority = 104,  ///< of thread 0; the others' are above
};

/// Slots of the scripts' CNode, which are the capabilities' addresses, too.
enum Slot {
    slot_root = 1,      ///< the CNode itself: slots have 8 bits
    slot_guarded_root,  ///< the same with a guard: 64 bits, so that it can be a thread's CSpace
    slot_node,          ///< a second CNode, of 4 bits
    slot_tcb,           ///< of the four threads
    slot_vspace = 8,
    slot_asid_pool,
    slot_untyped,        ///< 128 KiB
    slot_small_untyped,  ///< 32 KiB
    slot_large_untyped,  ///< 4 MiB with option_large
    slot_device,         ///< 2 GiB
    slot_io_port,        ///< 0x320 to 0x32f
    slot_irq_handler,
    slot_endpoint,
    slot_badged_endpoint,  ///< badge 0x11
    slot_send_endpoint,    ///< badge 0x22, Write only
    slot_notification,
    slot_badged_notification,  ///< badge 4
    slot_frame,                ///< three of 4 KiB
    slot_fault = 24,           ///< where the four threads' faults go: badges 1 to 4
    slot_fault_endpoint = 28,
    slot_page_table,
    slot_other_notification,
    slot_free = 32,
    slot_count = 1 << slot_bits,
};

/// Addresses of what can be invoked but neither moved nor deleted.
enum Control { control_irq = 0x200, control_io_port, control_domain, control_asid };

/// What the supervisor sees of a thread: struct Record of layout.h.
typedef struct Record {
    uint64_t count, order;
    uint64_t registers[RECORD_REGISTER_COUNT];
    uint64_t ended, left, next, entry;
    uint64_t results[RECORD_JOINED][RECORD_REGISTER_COUNT];
    uint64_t padding[RECORD_FPU - RECORD_RESULTS - RECORD_JOINED * RECORD_REGISTER_COUNT];
    uint64_t fpu[64], fpu_seen[64];
    uint64_t following[RECORD_END - RECORD_FOLLOWING];
} Record;
_Static_assert(sizeof(Record) == 4096 && offsetof(Record, following) == 8 * RECORD_FOLLOWING, "as in layout.h");

typedef struct Window {
    volatile Record* record;
    seL4_IPCBuffer* buffer;
    seL4_Word* scratch;
} Window;
extern Window windows[window_count];

/// Takes what all worlds need of the system, once.
void world_prepare(void);
void world_create(bool large);
void world_destroy(void);
/// Gives back what the end of the run needs.
void world_close(void);
/// The supervisor's capability to a thread.
seL4_CPtr world_tcb(unsigned thread);
/// The supervisor's capability to the scripts' CNode.
seL4_CPtr world_root(void);
/// The address of a slot of the scripts' CNode in the supervisor's CSpace.
seL4_CPtr world_slot_address(unsigned slot);
/// Puts a thread into the state in which it was created, waiting for its next step.
seL4_Error world_restart(unsigned thread);
/// Runs a thread from entry point `entry` of its window with these registers.
seL4_Error world_run(unsigned thread, seL4_UserContext* registers, seL4_Word entry);
/// A physical address, relative to the memory of the world.
uint64_t world_address(uint64_t address);

// -- What slots hold ---------------------------------------------------------------------------------------------------

/// What is known of a slot: 0 if it is empty; with DEBUG_BUILD the kernel's number of the capability's type, else 1.
uint64_t slot_content(unsigned slot);

// -- Digests -----------------------------------------------------------------------------------------------------------

/// A script begins; `name` says which in what is printed.
void digest_begin(const char* kind, uint64_t name, bool verbose);
void digest_step(const Step* step);
void digest_word(uint64_t word);
/// Words, with a caption if they are printed.
void digest_words(const char* caption, uint64_t thread, const volatile uint64_t* words, unsigned count);
/// Adds the step itself to the digest; what is seen does not need it, for it follows from the steps.
void digest_step_contents(const Step* step);
void digest_step_end(enum Outcome outcome);
void digest_end(void);

// -- Random scripts ----------------------------------------------------------------------------------------------------

void generate_begin(uint64_t seed);
void generate_step(Step* step);
/// Tells what became of the step.
void generate_learn(const Step* step, enum Outcome outcome);

// -- What random scripts reach -----------------------------------------------------------------------------------------

/// Counts what a step of a random script did, by what the model knows before and after it learns.
void tally_before(const Step* step, enum Outcome outcome);
void tally_after(const Step* step, enum Outcome outcome);
/// Prints a line for each type of object: `@k TYPE MADE USED REMOVED`.
void tally_print(void);
