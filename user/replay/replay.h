/* SPDX-License-Identifier: BSD-2-Clause */
/// Does a trace of the modelled machine again on a real one: `./antimono replay --machine`.
///
///     main.c     takes the steps out of the image, lets the system run, tells what became of each
///     system.c   the system that traces start from: what tests/machine/base_system.cpp makes
///     thread.S   the code of its threads
///
/// The supervisor, which is the root task's initial thread, has the lowest priority: it runs when nobody else can. Then it
/// takes the steps that nobody takes.
#pragma once

#include <antimono/pool.h>
#include <antimono/runtime.h>

#include <stddef.h>
#include <stdint.h>

#include "layout.h"

enum { image_words = 1 << 17, most_records = 4096, spare_records = 64 };

/// What the tool writes into the image (tools/antimono/replay_machine.py): steps, each `struct Step` with its stores.
typedef struct Image {
    char magic[16];
    uint64_t steps;  ///< how many
    uint64_t words[image_words];
} Image;
extern volatile Image image;

/// A step as thread.S takes it: goes on at `place`, after `stores` stores to memory, and with seven registers set if
/// `sets_registers`. Otherwise the first two of `registers` are for RCX and R11.
typedef struct Step {
    uint64_t place, stores, sets_registers;
    uint64_t registers[7];
    uint64_t store_list[];  ///< pairs of address and value
} Step;
_Static_assert(offsetof(Step, sets_registers) == STEP_SETS_REGISTERS && offsetof(Step, registers) == STEP_REGISTERS &&
                   offsetof(Step, store_list) == STEP_STORE_LIST,
               "layout.h");

/// What whoever took a step had in its registers: what it got from its last system call.
typedef struct Record {
    uint64_t registers[RECORD_REGISTERS];
    uint64_t unused;
    uint64_t step;  ///< where the step is
} Record;
_Static_assert(sizeof(Record) == RECORD_SIZE && offsetof(Record, step) == RECORD_STEP, "layout.h");

/// What the threads share with the supervisor.
typedef struct Data {
    uint64_t next;   ///< address of the next record
    uint64_t place;  ///< thread.S keeps a step's place here for an instruction
    uint64_t unused[14];
    Record records[most_records + spare_records];
    uint64_t steps[];
} Data;

enum { steps_words = ((1 << REPLAY_DATA_BITS) - sizeof(Data)) / 8 };

/// In Record.registers[RECORD_THREAD] of a step that nobody took.
#define NOBODY (~(uint64_t)0)

/// Makes the system. Returns the capability to the thread that runs first; it is suspended.
seL4_CPtr system_create(void);
/// What the threads share; the supervisor sees it at the same address as they do.
extern volatile Data* const data;
