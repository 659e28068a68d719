// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include "frame/x86_64/cpu.hpp"

namespace frame::x86_64 {

/// Stops because the machine or what the loader passed cannot be used: prints "kernel panic: " and the message, which
/// says all there is to say.
[[noreturn]] void stop_boot(std::string_view message);

/// How a run under QEMU ends when the kernel stops it: tools/antimono/qemu.py knows these numbers.
enum class StopStatus : std::uint8_t {
    halted = 120,  ///< a debug system call asked for it
    panic = 125,
};

/// When the machine stops, write to this port, QEMU's isa-debug-exit, instead of halting. 0: halt.
void set_debug_exit(Port port);

/// Ends the emulation if the port was given, else stops the core: halted, with interrupts off.
[[noreturn]] void stop_machine(StopStatus status);

}  // namespace frame::x86_64
