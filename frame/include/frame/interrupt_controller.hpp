// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

namespace frame {

/// The kernel's interrupt vectors: seL4's, because user programs name them and INT n can tell them apart.
namespace interrupt_vector {
/// Vectors below are exceptions; an interrupt's IRQ number is its vector less this.
inline constexpr std::uint32_t first = 32;
/// Vectors that users may bind to I/O APIC pins and messages.
inline constexpr std::uint32_t first_user = 48;
inline constexpr std::uint32_t last_user = 155;
inline constexpr std::uint32_t iommu = 156;
inline constexpr std::uint32_t timer = 157;
/// INT n from here to `last_trap` is an unknown system call.
inline constexpr std::uint32_t first_trap = 158;
inline constexpr std::uint32_t last_trap = 254;
inline constexpr std::uint32_t spurious = 255;
}  // namespace interrupt_vector

/// An input of an I/O APIC. Both numbers count from 0.
struct IoApicPin {
    std::uint32_t io_apic = 0;
    std::uint32_t pin = 0;

    friend constexpr bool operator==(IoApicPin, IoApicPin) = default;
};

/// How many I/O APICs are in use: as many as the machine has, up to CONFIG_MAX_NUM_IOAPIC.
[[nodiscard]] std::uint32_t io_apic_count();
/// How many inputs an I/O APIC has; 0 if there is no such I/O APIC.
[[nodiscard]] std::uint32_t io_apic_pin_count(std::uint32_t io_apic);

enum class TriggerMode : std::uint8_t { edge = 0, level = 1 };
enum class Polarity : std::uint8_t { high = 0, low = 1 };

/// Connects a pin to a vector of the core that booted, masked. The pin exists and the vector is a user's: both are checked
/// and a mistake is a kernel bug.
void route_pin(IoApicPin pin, TriggerMode trigger, Polarity polarity, std::uint32_t vector);
/// Stops or lets through the interrupts of a pin. Does nothing for a pin that does not exist, or to unmask one that was
/// never routed.
void mask_pin(IoApicPin pin, bool masked);

/// Tells the local APIC that the interrupt being handled is done.
void acknowledge_interrupt();
/// Takes one waiting interrupt without leaving the kernel; its vector, or nothing. It must be handled like one that
/// interrupted a user program.
[[nodiscard]] std::optional<std::uint32_t> take_interrupt();

/// Starts the periodic tick (CONFIG_TIMER_TICK_MS) on vector `interrupt_vector::timer`.
void start_tick();

}  // namespace frame
