/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads that exchange messages with the test.
#pragma once

#include "support.h"

/// What a helper thread does and saw.
typedef struct {
    seL4_CPtr endpoint;
    seL4_CPtr other;
    seL4_Word length;
    volatile seL4_Word badge, label, got_length, sum;
    volatile seL4_Word steps;  ///< how far it has come
} Helper;

extern Helper helper, second;

seL4_MessageInfo_t message(seL4_Word label, seL4_Word length);

/// Words that differ from each other, for a message of `length`.
void fill(seL4_Word seed, seL4_Word length);

/// A sum over the first `length` words of the message that tells their order, too.
seL4_Word sum(seL4_Word length);

/// Notes a received message in `self`.
void note(Helper* self, seL4_MessageInfo_t info, seL4_Word badge);

/// What a thread runs; the argument points to its Helper. All note what they got.
void receive_once(seL4_Word argument);
void receive_for_ever(seL4_Word argument);
void send_once(seL4_Word argument);
void call_once(seL4_Word argument);

/// Answers each message with its sum and the number of messages so far, under the badge as label.
void serve(seL4_Word argument);
