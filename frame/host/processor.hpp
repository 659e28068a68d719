// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <frame/thread_block.hpp>

#include <frame/debug_state.hpp>

namespace frame::host {

/// What the modelled core holds besides memory management: the parts of its state that the kernel can see, and what tests
/// decide about it.
struct Processor {
    std::uint64_t fs_base = 0;
    std::uint64_t gs_base = 0;
    BreakpointRegisters breakpoints{};
    bool can_watch_eight_bytes = false;
    bool is_fpu_enabled = false;

    /// What the next looks for interrupts find; tests set it to have the kernel preempted.
    bool is_interrupt_pending = false;
    /// Decides about each look for interrupts of the kernel entry that comes, lowest bit first: at a 1,
    /// `preempting_vector` arrives.
    std::uint64_t preemptions = 0;
    std::uint32_t preempting_vector = 0;
    /// Looks for interrupts so far: the preemption points that were reached.
    std::uint64_t interrupt_checks = 0;

    /// The time-stamp counter: it moves when tests move it.
    std::uint64_t time = 0;

    /// Where console output goes: a text for tests to read, or standard error.
    enum class Console : std::uint8_t { standard_error, kept, dropped };
    Console console = Console::standard_error;
    std::string console_text{};

    [[nodiscard]] static Processor& instance();
};

/// The FPU registers, as an image of what FXSAVE stores.
struct alignas(FpuArea) FpuRegisters {
    std::array<unsigned char, sizeof(FpuArea)> bytes{};
    [[nodiscard]] static FpuRegisters& instance();
};

}  // namespace frame::host
