// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/ipc/message.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// Delivers a fault of `tcb` to its fault handler as a message, and leaves it waiting for the reply (seL4 manual, 6.2).
/// A thread without a handler that could answer is suspended, and presets that print say so.
void deliver_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, const Fault& fault,
                   const LookupFault& lookup = LookupFault{});

/// Writes the message words of `tcb`'s fault; returns how many there was room for.
[[nodiscard]] std::uint64_t write_fault_message(frame::Ref<Tcb> tcb, const Message& to);

/// Applies a handler's answer to the thread that faulted. Returns whether the thread goes on.
[[nodiscard]] bool apply_fault_reply(const frame::Phase& phase, frame::Ref<Tcb> faulted, frame::Ref<Tcb> handler);

}  // namespace kernel
