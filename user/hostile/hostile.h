/* SPDX-License-Identifier: BSD-2-Clause */
/// The parts of the hostile program and what they share.
///
///     main.c        the run from its parameters to the verdict
///     sandbox.c     the capabilities that workers may abuse, made anew for each round
///     generator.c   the next call: label, registers, message, capabilities; the same for the same seed (random.c)
///     message.c     messages that fit an invocation
///     shapes.c      what each invocation expects, so that many calls succeed
///     nonsense.c    machine code and registers that make no sense
///     worker.c      threads that make the calls, and how they are brought back after they destroyed themselves
///     tally.c       what became of the calls
///     whole.c       nothing is lost: memory to the last byte, ports, interrupts, ASIDs; the kernel still works
#pragma once

#include <antimono/pool.h>
#include <antimono/runtime.h>

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

/// What the run does. The tool that starts it overwrites this in the image; `magic` tells it where.
typedef struct Parameters {
    char magic[16];
    uint64_t calls;
    uint64_t seed;
} Parameters;
extern volatile Parameters parameters;

// -- Random numbers --------------------------------------------------------------------------------------------------

/// The next of the numbers that belong to the seed (SplitMix64).
uint64_t random_word(void);
void random_seed(uint64_t seed);
/// A number below `limit`.
uint64_t random_below(uint64_t limit);
/// True in `percent` of a hundred cases.
bool chance(unsigned percent);

// -- The sandbox -----------------------------------------------------------------------------------------------------

/// What a slot of the arena is made to hold. Calls move things around, so it need not hold it any more.
typedef enum Kind {
    kind_cnode,
    kind_untyped,
    kind_endpoint,
    kind_notification,
    kind_tcb,
    kind_frame,
    kind_large_frame,
    kind_page_table,
    kind_directory,
    kind_pdpt,
    kind_pml4,
    kind_asid_control,
    kind_asid_pool,
    kind_irq_handler,
    kind_io_port,
    kind_free,  ///< nothing at first: what calls make goes there
    arena_kinds,
    kind_irq_control = arena_kinds,  ///< from here on: in the workers' root, which no capability names
    kind_io_port_control,
    kind_domain,
    kind_supervisor,  ///< the endpoint on which the supervisor listens
    kind_any,
} Kind;

/// The slots of the arena [first, first + count) that are made to hold a kind.
typedef struct KindRange {
    uint16_t first, count;
} KindRange;
extern const KindRange arena[arena_kinds];

enum {
    worker_count = 4,
    hostile_priority = 10,  ///< of the workers and of everything that they make: nothing can get above
    arena_bits = 8,         ///< log2 of the slots of the arena and of the annex, a second CNode
    root_bits = 6,
    root_arena = 1,  ///< indices in the workers' root
    root_annex = 2,
    root_irq_control = 8,
    root_io_port_control,
    root_domain,
    root_faults = 16,  ///< one endpoint capability for each worker
    annex_slot = 2,    ///< index in the arena of the annex
    harmless_port_first = 0x320,
    harmless_port_last = 0x36f,  ///< nothing answers there on a PC
    harmless_port_count = 16,    ///< of them are in the arena's capability, the others can be issued
};

/// The address of slot `index` of the arena, or of a fixed capability, in the workers' CSpace.
#define ARENA_CPTR(root, index) (((seL4_Word)(root) << arena_bits) | (index))

/// Takes what a sandbox needs of the system, once.
void sandbox_prepare(void);
/// Makes the sandbox anew.
void sandbox_build(void);
/// Puts back what is missing in some slots of the arena.
void sandbox_replenish(void);
/// Destroys everything that was ever made in the sandbox, and makes sure that its memory is whole.
void sandbox_destroy(void);
/// Gives the harmful ports and the interrupt and port controls back to the root task's own CSpace.
void sandbox_close(void);
/// The workers' root CNode, in the root task's CSpace, and its guard.
extern seL4_CPtr sandbox_root, sandbox_memory;
#define ROOT_GUARD seL4_CNode_CapData_new(0, seL4_WordBits - root_bits - arena_bits).words[0]

// -- Calls -----------------------------------------------------------------------------------------------------------

/// One call, as worker.S reads it (layout.h).
typedef struct Call {
    uint64_t kind;  ///< 0: a system call, 1: run `code`
    uint64_t nonce;
    struct {
        uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15;
    } registers;
    uint64_t head[CALL_HEAD_WORDS];
    uint64_t tail[CALL_TAIL_WORDS];
    uint8_t code[CALL_CODE_WORDS * 8];
} Call;
_Static_assert(sizeof(Call) == 1 << CALL_SHIFT, "worker.S computes addresses of calls");
_Static_assert(sizeof(Call) * BATCH_CALLS <= BATCH_PAGES * 4096, "a batch has its pages");

typedef struct Record {
    uint64_t nonce, info, badge, first_word;
} Record;

typedef struct Results {
    uint64_t started;
    uint64_t saved[RESULTS_RECORDS - 1];
    Record records[BATCH_CALLS];
} Results;

/// What one invocation expects.
typedef struct Shape {
    uint8_t label;
    uint8_t kind;       ///< of the invoked capability
    uint8_t weight;     ///< how often, relative to the others
    const char* words;  ///< the message, a letter each (shapes.c)
    const char* caps;   ///< the extra capabilities, a letter each
} Shape;
extern const Shape shapes[];
extern const unsigned shape_count;
/// The name of an invocation label, as the manual's headers spell it.
const char* label_name(seL4_Word label);
enum { label_limit = nArchInvocationLabels };  ///< the first number that is no label

/// Makes the next call of the run.
void generate_call(Call* call);
/// Fills `code` and the registers with what makes no sense.
void generate_nonsense(Call* call);
/// A word that is interesting or random.
uint64_t odd_word(void);

// -- Workers ---------------------------------------------------------------------------------------------------------

void workers_create(void);
/// Destroys them; the sandbox must be gone.
void workers_destroy(void);
/// Runs calls until `calls` of them have run in this round, or until the round cannot go on.
void workers_run(uint64_t calls);
/// The capabilities of worker `index` in the root task's CSpace.
seL4_CPtr worker_tcb(unsigned index);
seL4_CPtr worker_pml4(unsigned index);

// -- Counts ----------------------------------------------------------------------------------------------------------

/// A call returned; `info` is the message info that it got.
void tally_answer(const Call* call, uint64_t info);
/// A call did not return: it blocked, faulted, or ended its thread.
void tally_no_answer(const Call* call);
void tally_fault(uint64_t label);
void tally_recovery(void);
/// Calls that ran so far, code that makes no sense apart.
uint64_t tally_calls(void);
uint64_t tally_successes(void);
void tally_progress(uint64_t rounds);
void tally_print(void);

// -- The end ---------------------------------------------------------------------------------------------------------

/// Counts what the kernel can give at the start.
void inventory_take(void);
/// Checks that it can give as much again, that all memory is there and clear, and that the kernel works; ends the run
/// with a reason if not.
void inventory_check(void);
