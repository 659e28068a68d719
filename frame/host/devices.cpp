// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/devices.hpp"

#include <frame/check.hpp>
#include <frame/io_port.hpp>

namespace frame {

namespace host {

Devices& Devices::instance() {
    // SAFETY: made once and never deleted, so that no destructor runs while tests still use it.
    static Devices* const devices = new Devices;  // lives as long as the process
    return *devices;
}

std::uint8_t Devices::port(std::uint16_t port) const {
    const auto found = ports_.find(port);
    return found == ports_.end() ? std::uint8_t{0xff} : found->second;
}

void Devices::set_port(std::uint16_t port, std::uint8_t value) { ports_[port] = value; }

namespace {

/// Wider accesses are to neighbouring ports, lowest byte first; beyond the last port they wrap, as on the bus.
template <class Value>
Value read_ports(std::uint16_t port) {
    std::uint32_t value = 0;
    for (unsigned byte = 0; byte < sizeof(Value); ++byte) {
        value |= std::uint32_t{Devices::instance().port(static_cast<std::uint16_t>(port + byte))} << (8 * byte);
    }
    return static_cast<Value>(value);
}

template <class Value>
void write_ports(std::uint16_t port, Value value) {
    for (unsigned byte = 0; byte < sizeof(Value); ++byte) {
        Devices::instance().set_port(static_cast<std::uint16_t>(port + byte),
                                     static_cast<std::uint8_t>((std::uint32_t{value} >> (8 * byte)) & 0xff));
    }
}

}  // namespace
}  // namespace host

std::uint8_t port_in8(std::uint16_t port) { return host::read_ports<std::uint8_t>(port); }
std::uint16_t port_in16(std::uint16_t port) { return host::read_ports<std::uint16_t>(port); }
std::uint32_t port_in32(std::uint16_t port) { return host::read_ports<std::uint32_t>(port); }
void port_out8(std::uint16_t port, std::uint8_t value) { host::write_ports(port, value); }
void port_out16(std::uint16_t port, std::uint16_t value) { host::write_ports(port, value); }
void port_out32(std::uint16_t port, std::uint32_t value) { host::write_ports(port, value); }

std::uint32_t io_apic_count() { return 1; }

std::uint32_t io_apic_pin_count(std::uint32_t io_apic) { return io_apic == 0 ? host::Devices::pin_count : 0; }

void route_pin(IoApicPin pin, TriggerMode trigger, Polarity polarity, std::uint32_t vector) {
    check(pin.pin < io_apic_pin_count(pin.io_apic), "an interrupt routed from a pin that does not exist");
    check(vector >= interrupt_vector::first_user && vector <= interrupt_vector::last_user,
          "an interrupt routed to a vector that is not a user's");
    host::Devices::instance().route(pin.pin) = host::Devices::Route{
        .vector = vector, .trigger = trigger, .polarity = polarity, .is_routed = true, .is_masked = true};
}

void mask_pin(IoApicPin pin, bool masked) {
    if (pin.pin >= io_apic_pin_count(pin.io_apic)) {
        return;
    }
    host::Devices::Route& route = host::Devices::instance().route(pin.pin);
    route.is_masked = masked || !route.is_routed;
}

void acknowledge_interrupt() { ++host::Devices::instance().acknowledged; }

std::optional<std::uint32_t> take_interrupt() {
    std::vector<std::uint32_t>& waiting = host::Devices::instance().waiting;
    if (waiting.empty()) {
        return std::nullopt;
    }
    const std::uint32_t vector = waiting.front();
    waiting.erase(waiting.begin());
    return vector;
}

void start_tick() { host::Devices::instance().is_ticking = true; }

}  // namespace frame
