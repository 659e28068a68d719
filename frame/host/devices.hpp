// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <frame/interrupt_controller.hpp>

namespace frame::host {

/// The modelled machine's devices, as far as the kernel uses them: I/O ports that read back what was written, one I/O APIC,
/// and interrupts that tests raise.
class Devices {
public:
    static constexpr std::uint32_t pin_count = 24;

    [[nodiscard]] static Devices& instance();

    /// What a port holds; 0xff where nothing was written, as on an empty bus.
    [[nodiscard]] std::uint8_t port(std::uint16_t port) const;
    void set_port(std::uint16_t port, std::uint8_t value);

    /// How a pin was routed last; masked until then.
    struct Route {
        std::uint32_t vector = 0;
        TriggerMode trigger = TriggerMode::edge;
        Polarity polarity = Polarity::high;
        bool is_routed = false;
        bool is_masked = true;
    };
    [[nodiscard]] Route& route(std::uint32_t pin) { return routes_.at(pin); }

    /// Vectors that wait to be taken, the next one first.
    std::vector<std::uint32_t> waiting;
    std::uint64_t acknowledged = 0;
    bool is_ticking = false;

private:
    std::map<std::uint16_t, std::uint8_t> ports_;
    std::array<Route, pin_count> routes_{};
};

}  // namespace frame::host
