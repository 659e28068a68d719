// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include <frame/debug_state.hpp>
#include "kernel/api/invocation.hpp"

namespace kernel {

/// TCB SetBreakpoint, GetBreakpoint, UnsetBreakpoint and ConfigureSingleStepping (seL4 manual, 6.2.6 and TCB methods),
/// in configurations with HARDWARE_DEBUG_API; other labels are illegal operations.
[[nodiscard]] Outcome invoke_debugging(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);

/// Lets a thread run `instructions` instructions until it faults, or, if 0, without end (seL4 manual, 6.2.7).
void step(Tcb& tcb, std::uint64_t instructions);

/// The fault that a debug event is for the thread that it stopped; nothing if it goes on, because it is to run more
/// instructions first or because the event says nothing.
[[nodiscard]] std::optional<Fault> debug_fault(Tcb& tcb, const frame::DebugEvent& event);

}  // namespace kernel
