// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/phase.hpp>

namespace kernel {

/// Prints every thread, what it is doing and where, to the console (DebugDumpScheduler).
void dump_threads(const frame::Phase& phase);

}  // namespace kernel
