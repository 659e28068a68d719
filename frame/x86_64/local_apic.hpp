// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>

#include "frame/boot/acpi.hpp"
#include "frame/boot/boot_error.hpp"

namespace frame::x86_64 {

/// Registers of the local APIC, as offsets in its page; in x2APIC mode the MSR is 0x800 + offset / 16 (Intel SDM vol.
/// 3A, table 10-1 and 10.12.1.2).
enum class Lapic : std::uint32_t {
    id = 0x020,
    version = 0x030,
    task_priority = 0x080,
    end_of_interrupt = 0x0b0,
    spurious_interrupt = 0x0f0,
    interrupt_request = 0x200,
    error_status = 0x280,
    lvt_timer = 0x320,
    lvt_lint0 = 0x350,
    lvt_lint1 = 0x360,
    lvt_error = 0x370,
    timer_initial_count = 0x380,
    timer_current_count = 0x390,
    timer_divide = 0x3e0,
};

/// Maps and enables this core's local APIC, with everything masked: no legacy interrupts, no timer. NMI inputs are
/// connected in debug builds, where an NMI reports what the kernel was doing.
[[nodiscard]] boot::Result<void> start_local_apic(std::span<const boot::NmiInput> nmi_inputs);

/// Physical page of the local APIC's registers.
[[nodiscard]] PhysicalAddress local_apic_page();
/// This core's APIC ID.
[[nodiscard]] std::uint32_t local_apic_id();

/// The timer counts down once from `count` at the bus frequency, without interrupting.
void start_timer_countdown(std::uint32_t count);
[[nodiscard]] std::uint32_t timer_count();
/// The timer interrupts on the timer vector every `count` cycles of the bus.
void start_periodic_timer(std::uint32_t count);

}  // namespace frame::x86_64
