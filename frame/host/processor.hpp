// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace frame::host {

/// What the modelled core holds besides memory management: the parts of its state that the kernel can see, and what tests
/// decide about it.
struct Processor {
    std::uint64_t fs_base = 0;
    std::uint64_t gs_base = 0;
    bool is_fpu_enabled = false;
    /// What the next look for interrupts finds; tests set it to have the kernel preempted.
    bool is_interrupt_pending = false;
    /// Looks for interrupts so far: the preemption points that were reached.
    std::uint64_t interrupt_checks = 0;

    [[nodiscard]] static Processor& instance();
};

}  // namespace frame::host
