// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/debug_registers.hpp"

#include <frame/detail/backend.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/descriptor_tables.hpp"
#include "frame/x86_64/entry_offsets.h"
#include "frame/x86_64/features.hpp"

namespace frame::x86_64 {
namespace {

/// DR6 with nothing to tell, and its bits (Intel SDM vol. 3B, 17.2.3).
constexpr std::uint64_t no_event = idle_debug_status;
constexpr std::uint64_t hit_breakpoints = 0xf;
constexpr std::uint64_t single_step = std::uint64_t{1} << 14;
/// Breakpoint n is on if one of DR7's bits 2n and 2n + 1 is set.
constexpr std::uint64_t enable_bits = 3;
/// DR7 without breakpoints: bit 10 is always set (Intel SDM vol. 3B, 17.2.4).
constexpr std::uint64_t no_breakpoints = std::uint64_t{1} << 10;

}  // namespace

void clear_debug_registers() {
    write_dr7(no_breakpoints);
    write_dr6(no_event);
}

DebugEvent take_debug_event(std::uint32_t vector) {
    if (vector == vector::breakpoint) {
        return DebugEvent{.is_software_break = true};
    }
    const std::uint64_t control = read_dr7();
    const std::uint64_t status = read_dr6();
    write_dr6(no_event);  // the processor only ever sets bits
    DebugEvent event{.is_single_step = (status & single_step) != 0,
                     .breakpoints = static_cast<std::uint8_t>(status & hit_breakpoints)};
    for (unsigned number = 0; number < DebugState::count; ++number) {
        // What matches sets its bit even if it is off, and then it may be another thread's.
        if ((control >> (2 * number) & enable_bits) == 0) {
            event.breakpoints &= static_cast<std::uint8_t>(~(1U << number));
        }
    }
    return event;
}

}  // namespace frame::x86_64

namespace frame {

bool can_watch_eight_bytes() { return x86_64::features().eight_byte_breakpoints; }

void backend::write_breakpoints(const BreakpointRegisters& breakpoints) {
    if (breakpoints.control != 0) {
        x86_64::write_dr0(breakpoints.addresses[0]);
        x86_64::write_dr1(breakpoints.addresses[1]);
        x86_64::write_dr2(breakpoints.addresses[2]);
        x86_64::write_dr3(breakpoints.addresses[3]);
    }
    // SAFETY: DebugState made it: user addresses only, and nothing but enable, kind and length bits.
    x86_64::write_dr7(breakpoints.control | x86_64::no_breakpoints);
}

}  // namespace frame
