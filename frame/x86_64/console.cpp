// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/console.hpp"

#include <cstdint>

namespace frame::x86_64 {
namespace {

/// Registers of the 16550, offsets from its base port (National Semiconductor PC16550D, table II).
namespace uart {
constexpr Port data = 0;
constexpr Port divisor_low = 0;
constexpr Port interrupt_enable = 1;
constexpr Port divisor_high = 1;
constexpr Port line_control = 3;
constexpr Port modem_control = 4;
constexpr Port line_status = 5;
}  // namespace uart
constexpr std::uint8_t transmitter_ready = 0x20;
/// Far longer than a byte takes at 115200 baud, and still no hang without a device.
constexpr std::uint32_t longest_wait = 100'000;

constinit Port base = 0;

void wait_for_transmitter() {
    for (std::uint32_t tries = 0; tries < longest_wait; ++tries) {
        if ((in8(static_cast<Port>(base + uart::line_status)) & transmitter_ready) != 0) {
            return;
        }
    }
}

void set(Port which, std::uint8_t value) { out8(static_cast<Port>(base + which), value); }

}  // namespace

void open_console(Port port) {
    base = port;
    if (port == 0) {
        return;
    }
    wait_for_transmitter();  // the loader may still be sending
    set(uart::interrupt_enable, 0x00);
    set(uart::line_control, 0x80);  // divisor latch access
    set(uart::divisor_low, 0x01);
    set(uart::divisor_high, 0x00);
    set(uart::line_control, 0x03);
    set(uart::modem_control, 0x0b);  // DTR, RTS, OUT2
}

Port console_port() { return base; }

void send_byte(char byte) {
    if (base != 0) {
        wait_for_transmitter();
        set(uart::data, static_cast<std::uint8_t>(byte));
    }
}

void print(std::string_view text) {
    for (const char character : text) {
        if (character == '\n') {
            send_byte('\r');
        }
        send_byte(character);
    }
}

void print(const char* text) { print(std::string_view{text}); }

}  // namespace frame::x86_64
