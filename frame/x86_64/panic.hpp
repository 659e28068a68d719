// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include "frame/x86_64/cpu.hpp"

namespace frame::x86_64 {

/// Stops because the machine or what the loader passed cannot be used: prints "kernel panic: " and the message, which
/// says all there is to say.
[[noreturn]] void stop_boot(std::string_view message);

/// After a panic write to this port, QEMU's isa-debug-exit, instead of halting. 0: halt.
void set_debug_exit(Port port);

/// Ends the emulation if the port was given, else stops the core.
[[noreturn]] void leave_after_panic();

}  // namespace frame::x86_64
