// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "frame/boot/boot_error.hpp"

namespace frame::x86_64 {

/// How fast the machine's counters run.
struct TimerFrequencies {
    std::uint64_t tsc_hz = 0;
    /// Local APIC timer at divisor 1.
    std::uint64_t apic_timer_hz = 0;
    /// Ticks of the time-stamp counter that went by while measuring.
    std::uint64_t measuring_ticks = 0;
};

/// Finds out the frequencies. The time-stamp counter's comes from the configuration, the processor (CPUID 15h) or the
/// hypervisor (CPUID 40000010h) if one of them tells; else it is measured against the 8254 timer, with the APIC's.
[[nodiscard]] boot::Result<TimerFrequencies> measure_timers();

/// `elapsed` ticks of a counter while `reference` ticks went by of one that runs at `reference_hz`, as a frequency.
[[nodiscard]] constexpr std::uint64_t frequency(std::uint64_t elapsed, std::uint64_t reference,
                                                std::uint64_t reference_hz) {
    // Through MHz and remainder: the product of ticks and frequency exceeds 64 bits on fast machines.
    const std::uint64_t whole = elapsed / reference;
    const std::uint64_t rest = elapsed % reference;
    return whole * reference_hz + rest * reference_hz / reference;
}

}  // namespace frame::x86_64
