/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "hostile.h"

/// A slot as CNode operations name it.
typedef struct Operand {
    seL4_CPtr root;
    seL4_Word index, depth;
} Operand;

/// A message before it is put into registers and an IPC buffer.
typedef struct Message {
    seL4_CPtr invoked;
    unsigned length, cap_count;
    seL4_Word words[24];
    seL4_CPtr caps[3];
} Message;

/// The address at which a worker finds a capability that should be of this kind.
seL4_CPtr address_of(Kind kind);
/// The address of any capability, or no address.
seL4_CPtr any_address(void);
/// A slot that should hold a capability of this kind.
Operand operand(Kind kind);
/// Fills a message as the shape has it; what is in it already stays where the shape says nothing.
void fill_message(Message* message, const Shape* shape);
