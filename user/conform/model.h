/* SPDX-License-Identifier: BSD-2-Clause */
/// What random scripts know about the world: enough that most of their steps succeed. It is a guess; the kernel decides.
#pragma once

#include "conform.h"

enum Kind {
    kind_empty,
    kind_cnode,
    kind_untyped,
    kind_device,
    kind_endpoint,
    kind_notification,
    kind_tcb,
    kind_frame,
    kind_large_frame,
    kind_huge_frame,
    kind_page_table,
    kind_directory,
    kind_pdpt,
    kind_pml4,
    kind_asid_pool,
    kind_irq_handler,
    kind_io_port,
    kind_reply,
    kind_unknown,  ///< something that arrived
    kinds,
};

enum { model_slots = 96 };  // random scripts use these slots only

typedef struct SlotModel {
    uint8_t kind;
    uint8_t object;  ///< 1 to 4: the world's threads; other objects count on
    uint8_t size;    ///< of untyped memory, log2 of bytes
    bool mapped;     ///< for frames and tables; for a PML4 and so on: has an ASID
    bool badged;
    uint8_t where;  ///< the address at which it is mapped, as an index
    uint64_t ports;
} SlotModel;

typedef struct ThreadModel {
    uint8_t waits_at;  ///< slot of the endpoint or notification
    uint8_t waits_to;  ///< enum Wait
    bool has_caller;   ///< it received a call or a fault, and can reply
} ThreadModel;

enum Wait { wait_nothing, wait_receive, wait_send, wait_reply, wait_fault };

typedef struct Model {
    SlotModel slots[model_slots];
    ThreadModel threads[thread_count];
    uint8_t objects;     ///< numbers given
    uint8_t priorities;  ///< for threads that the script makes
    uint8_t directory_at, table_at;
} Model;
extern Model model;

void model_begin(bool large);
/// A random slot with a capability of such a kind; 0 if there is none.
unsigned model_find(enum Kind kind);
/// The first of `count` neighbouring empty slots, 0 if there are none.
unsigned model_free(unsigned count);
/// Updates what is known by a step that came to an end.
void model_learn(const Step* step, enum Outcome outcome);
/// Updates what is known by what the slots really hold.
void model_refresh(void);

/// The next of the numbers that belong to the seed.
uint64_t random_word(void);
uint64_t random_below(uint64_t limit);
bool chance(unsigned percent);
void random_seed(uint64_t seed);

/// Addresses at which scripts map things: by index.
enum { places = 12 };
seL4_Word place_address(unsigned index);
