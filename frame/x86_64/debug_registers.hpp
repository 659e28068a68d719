// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/debug_state.hpp>

namespace frame::x86_64 {

/// Switches every breakpoint off, whatever the firmware or boot loader left.
void clear_debug_registers();

/// Why the processor raised the debug exception that just arrived, or what INT3 means; forgets it.
[[nodiscard]] DebugEvent take_debug_event(std::uint32_t vector);

}  // namespace frame::x86_64
