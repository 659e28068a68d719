/* SPDX-License-Identifier: BSD-2-Clause */
/// How random steps are made: the plan, and what its makers share. A maker appends one or more steps to the plan.
#pragma once

#include "model.h"

// -- The plan ----------------------------------------------------------------------------------------------------------

enum { plan_length = 16 };

/// Steps that follow each other, front first.
typedef struct Plan {
    Step steps[plan_length];
    unsigned first, count;
} Plan;
extern Plan plan;
/// The thread that takes the step.
extern unsigned actor;

// -- Building steps (generate_steps.c) ---------------------------------------------------------------------------------

/// Adds a step of the actor to the plan; a call, until told otherwise.
Step* append(void);
/// Sets the message info by the counts of words and capabilities.
void set_info(Step* step, seL4_Word label);
/// Adds an invocation; capabilities and words by CAPS and WORDS.
Step* invoke(seL4_Word label, seL4_Word target, const char* caps, const seL4_Word* cap_values, unsigned words,
             const seL4_Word* word_values);

#define WORDS(...) \
    sizeof((seL4_Word[]){__VA_ARGS__}) / sizeof(seL4_Word), (seL4_Word[]) { __VA_ARGS__ }
#define NO_WORDS 0, NULL
#define CAPS0 "", NULL
#define CAPS1(a) \
    "1", (seL4_Word[]) { a }
#define CAPS2(a, b) \
    "12", (seL4_Word[]) { a, b }
#define CAPS3(a, b, c) \
    "123", (seL4_Word[]) { a, b, c }

/// A number that stands at some limit.
seL4_Word odd_word(void);
unsigned any_slot(void);
/// A slot that is not empty; among those that scripts filled, mostly.
unsigned taken_slot(void);
/// A slot with such a capability, or `otherwise`.
unsigned find(enum Kind kind, unsigned otherwise);
/// The first of so many neighbouring empty slots.
unsigned free_slot(unsigned count);

// -- What several makers choose ----------------------------------------------------------------------------------------

seL4_Word random_rights(void);
/// A slot with something that can be copied, mostly.
unsigned copyable_slot(void);
unsigned a_thread(void);
/// A priority that nobody else has, for the thread in a slot.
seL4_Word priority_for(unsigned slot);
unsigned idle_threads(void);

// -- Makers ------------------------------------------------------------------------------------------------------------

// generate_memory.c
void make_retype(void);
// generate_cspace.c
void make_copy(void);
void make_mint(void);
void make_move(void);
void make_move_away(void);
void make_mutate(void);
void make_rotate(void);
void make_delete(void);
void make_revoke(void);
void make_cancel_badged_sends(void);
void make_save_caller(void);
// generate_threads.c
void make_registers(void);
void make_space(void);
void make_priorities(void);
void make_lifecycle(void);
void make_buffer(void);
void make_spawn(void);
// generate_messages.c
void make_ipc(void);
void make_fault(void);
// generate_vspace.c
void make_map_table(void);
void make_map_page(void);
void make_unmap(void);
void make_touch(void);
void make_asid(void);
// generate_devices.c
void make_ports(void);
void make_interrupts(void);
void make_domain(void);
// generate_nonsense.c
void make_nonsense(void);
/// One thing about a step becomes another.
void spoil(Step* step);
/// Takes what would make the run depend on more than the kernel's answers out of a step.
void make_safe(Step* step);
