// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/io_apic.hpp"

#include <array>

#include <abi/abi.hpp>
#include <frame/check.hpp>
#include <frame/interrupt_controller.hpp>

#include "frame/x86_64/device.hpp"

namespace frame::x86_64 {
namespace {

/// Registers in the page: an index, and the window onto the register that it selects (Intel 82093AA, 3.1).
constexpr std::uint32_t index_register = 0x00;
constexpr std::uint32_t window_register = 0x10;
/// Registers behind the window (Intel 82093AA, 3.2).
constexpr std::uint32_t version = 0x01;
constexpr std::uint32_t redirection_table = 0x10;

/// Low word of a redirection table entry; the rest is zero: fixed delivery to one physical destination.
constexpr std::uint32_t masked = 1U << 16;
constexpr unsigned trigger_shift = 15;
constexpr unsigned polarity_shift = 13;
constexpr std::uint32_t vector_mask = 0xff;
constexpr unsigned destination_shift = 24;

/// seL4's limit: the vectors that could be told apart.
constexpr std::uint32_t most_pins = 240;

class IoApic {
public:
    constexpr IoApic() = default;

    void start(DevicePage page) {
        page_ = page;
        page_.write32(index_register, version);
        pin_count_ = ((page_.read32(window_register) >> 16) & 0xff) + 1;
    }

    [[nodiscard]] std::uint32_t pin_count() const { return pin_count_; }

    /// Connects a pin, masked whatever `low` says.
    void route(std::uint32_t pin, std::uint32_t low, std::uint32_t destination) {
        // Masked before the destination changes, lest an interrupt goes to the old vector there.
        write_low(pin, low | masked);
        write(redirection_table + 2 * pin + 1, destination << destination_shift);
    }
    void mask(std::uint32_t pin, bool is_masked) {
        const std::uint32_t low = low_words_[pin];
        if (is_masked || (low & vector_mask) != 0) {
            write_low(pin, is_masked ? low | masked : low & ~masked);
        }
    }

private:
    void write_low(std::uint32_t pin, std::uint32_t value) {
        low_words_[pin] = value;
        write(redirection_table + 2 * pin, value);
    }
    void write(std::uint32_t which, std::uint32_t value) const {
        page_.write32(index_register, which);
        page_.write32(window_register, value);
    }

    DevicePage page_{};
    std::uint32_t pin_count_ = 0;
    /// What was last written: saves reading over the bus.
    std::array<std::uint32_t, most_pins> low_words_{};
};

constinit std::array<IoApic, abi::config::max_num_ioapic == 0 ? 1 : abi::config::max_num_ioapic> io_apics{};
constinit std::uint32_t count = 0;
constinit std::uint32_t destination = 0;

}  // namespace

[[clang::minsize]] boot::Result<void> start_io_apics(std::span<const boot::IoApicEntry> entries, std::uint32_t target) {
    destination = target;
    for (const boot::IoApicEntry& entry : entries) {
        if (count == io_apics.size()) {
            break;
        }
        IoApic& io_apic = io_apics[count];
        io_apic.start(DevicePage::map(entry.address));
        if (io_apic.pin_count() > most_pins) {
            return boot::failure("I/O APIC ", entry.id, " at ", hex(entry.address.value()), " claims ",
                                 io_apic.pin_count(), " inputs, at most ", most_pins,
                                 " are possible: there is probably no device; check the MADT");
        }
        for (std::uint32_t pin = 0; pin < io_apic.pin_count(); ++pin) {
            io_apic.route(pin, 0, destination);
        }
        ++count;
    }
    return {};
}

}  // namespace frame::x86_64

namespace frame {

std::uint32_t io_apic_count() { return x86_64::count; }

std::uint32_t io_apic_pin_count(std::uint32_t io_apic) {
    return io_apic < io_apic_count() ? x86_64::io_apics[io_apic].pin_count() : 0;
}

void route_pin(IoApicPin pin, TriggerMode trigger, Polarity polarity, std::uint32_t vector) {
    check(pin.pin < io_apic_pin_count(pin.io_apic), "a pin that does not exist was routed");
    // A vector below 32 would look like an exception of whatever runs.
    check(vector >= interrupt_vector::first_user && vector <= interrupt_vector::last_user,
          "a pin was routed to a vector that is not a user's");
    const std::uint32_t low = (static_cast<std::uint32_t>(trigger) << x86_64::trigger_shift) |
                              (static_cast<std::uint32_t>(polarity) << x86_64::polarity_shift) | vector;
    x86_64::io_apics[pin.io_apic].route(pin.pin, low, x86_64::destination);
}

void mask_pin(IoApicPin pin, bool masked) {
    if (pin.pin < io_apic_pin_count(pin.io_apic)) {
        x86_64::io_apics[pin.io_apic].mask(pin.pin, masked);
    }
}

}  // namespace frame
