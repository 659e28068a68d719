// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <frame/phase.hpp>
#include "kernel/object/tcb.hpp"

namespace kernel {

/// The three ways to invoke a capability (seL4 manual, 2.2).
enum class InvokedBy : std::uint8_t { nb_send, send, call };

/// Invokes the capability in `slot`, which is what `caller`, the running thread, named by its address in a system call.
/// Handles preemption and replies to the caller, and lets the scheduler decide: all the rest of a kernel entry. Ends the
/// phase.
void invoke(frame::Entry& entry, frame::Phase&& phase, frame::Ref<Tcb> caller, frame::MaybeSlot slot, InvokedBy how);

/// Receives from an endpoint or waits for a notification: Recv and NBRecv (seL4 manual, 2.2).
void receive_at(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::uint64_t address, bool blocking);

/// Answers whoever called the thread last: Reply (seL4 manual, 2.2).
void reply_to_caller(const frame::Phase& phase, frame::Ref<Tcb> tcb);

/// SetTLSBase, and the debug calls where the preset has them. Returns false for a number that is no system call.
[[nodiscard]] bool handle_auxiliary_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::int64_t number);

}  // namespace kernel
