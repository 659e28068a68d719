// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

#include <frame/phase.hpp>
#include "kernel/object/thread_state.hpp"

namespace kernel {

/// Prints every thread, what it is doing and where, to the console (DebugDumpScheduler).
void dump_threads(const frame::Phase& phase);

/// The name of a thread state, for people.
[[nodiscard]] std::string_view state_name(ThreadState state);

}  // namespace kernel
