// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/local_apic.hpp"

#include <abi/abi.hpp>
#include <frame/detail/backend.hpp>
#include <frame/interrupt_controller.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/device.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/kernel_window.hpp"

namespace frame::x86_64 {
namespace {

/// Bits of IA32_APIC_BASE (Intel SDM vol. 3A, 10.4.4 and 10.12.1).
constexpr std::uint64_t x2apic_enabled = std::uint64_t{1} << 10;
constexpr std::uint64_t apic_enabled = std::uint64_t{1} << 11;
constexpr std::uint64_t base_mask = 0x000f'ffff'ffff'f000;

/// Bits of local vector table entries (Intel SDM vol. 3A, 10.5.1).
constexpr std::uint32_t masked = 1U << 16;
constexpr std::uint32_t periodic = 1U << 17;
constexpr std::uint32_t deliver_nmi = 4U << 8;
constexpr std::uint32_t software_enable = 1U << 8;
constexpr std::uint32_t divide_by_1 = 0xb;

/// Where the registers are mapped; 0 in x2APIC mode, which has no page.
constinit DevicePage page{};

std::uint32_t read(Lapic which) {
    if (page.is_mapped()) {
        return page.read32(static_cast<std::uint32_t>(which));
    }
    return static_cast<std::uint32_t>(
        read_msr(Msr{static_cast<std::uint32_t>(Msr::x2apic_base) + static_cast<std::uint32_t>(which) / 16}));
}

void write(Lapic which, std::uint32_t value) {
    if (page.is_mapped()) {
        page.write32(static_cast<std::uint32_t>(which), value);
    } else {
        write_msr(Msr{static_cast<std::uint32_t>(Msr::x2apic_base) + static_cast<std::uint32_t>(which) / 16}, value);
    }
}

/// Chooses xAPIC or x2APIC mode. A firmware that has switched to x2APIC cannot be switched back without a reset of the
/// APIC, so that is kept. x2APIC mode has never been executed: QEMU's emulation of this version lacks it.
[[clang::minsize]] boot::Result<void> choose_mode() {
    std::uint64_t base = read_msr(Msr::apic_base);
    if ((base & apic_enabled) == 0) {
        return boot::failure(
            "local APIC: disabled by the firmware (IA32_APIC_BASE bit 11 is clear); switch it on in the firmware or "
            "emulator");
    }
    const bool wanted = abi::config::x2apic && features().x2apic;
    if (wanted && (base & x2apic_enabled) == 0) {
        base |= x2apic_enabled;
        // SAFETY: the processor has the mode, and nobody has used the registers' page yet.
        write_msr(Msr::apic_base, base);
    }
    if (abi::config::x2apic && !features().x2apic) {
        return boot::failure(
            "local APIC: this preset needs x2APIC mode (CPUID 1, ECX bit 21), which the processor lacks; use another "
            "preset or processor");
    }
    if ((base & x2apic_enabled) == 0) {
        page = DevicePage::map(local_apic_page());
    }
    return {};
}

std::uint32_t entry_for_input(std::span<const boot::NmiInput> nmi_inputs, std::uint8_t input) {
    if constexpr (abi::config::debug_build) {
        for (const boot::NmiInput& each : nmi_inputs) {
            if (each.input == input) {
                return deliver_nmi;
            }
        }
    }
    return masked;
}

}  // namespace

PhysicalAddress local_apic_page() { return PhysicalAddress{read_msr(Msr::apic_base) & base_mask}; }

std::uint32_t local_apic_id() { return page.is_mapped() ? read(Lapic::id) >> 24 : read(Lapic::id); }

[[clang::minsize]] boot::Result<void> start_local_apic(std::span<const boot::NmiInput> nmi_inputs) {
    if (auto chosen = choose_mode(); !chosen) {
        return chosen;
    }
    const std::uint32_t version = read(Lapic::version);
    if ((version & 0xf0) != 0x10) {
        return boot::failure("local APIC: version ", hex(version & 0xff),
                             " is not an integrated APIC (0x10 to 0x1f); use a newer processor");
    }
    write(Lapic::task_priority, 0);
    write(Lapic::lvt_timer, masked);
    write(Lapic::lvt_error, masked);
    write(Lapic::lvt_lint0, entry_for_input(nmi_inputs, 0));
    write(Lapic::lvt_lint1, entry_for_input(nmi_inputs, 1));
    write(Lapic::spurious_interrupt, software_enable | interrupt_vector::spurious);
    return {};
}

void start_timer_countdown(std::uint32_t count) {
    write(Lapic::lvt_timer, masked);
    write(Lapic::timer_divide, divide_by_1);
    write(Lapic::timer_initial_count, count);
}

std::uint32_t timer_count() { return read(Lapic::timer_current_count); }

void start_periodic_timer(std::uint32_t count) {
    write(Lapic::timer_divide, divide_by_1);
    write(Lapic::lvt_timer, periodic | interrupt_vector::timer);
    write(Lapic::timer_initial_count, count);
}

}  // namespace frame::x86_64

namespace frame {

void acknowledge_interrupt() { x86_64::write(x86_64::Lapic::end_of_interrupt, 0); }

bool backend::is_interrupt_pending() {
    // IRR: 256 bits, 32 per register, the registers 16 bytes apart.
    for (std::uint32_t word = interrupt_vector::first / 32; word <= interrupt_vector::timer / 32; ++word) {
        const auto which = static_cast<std::uint32_t>(x86_64::Lapic::interrupt_request) + word * 0x10;
        if (x86_64::read(x86_64::Lapic{which}) != 0) {
            return true;
        }
    }
    return false;
}

}  // namespace frame
