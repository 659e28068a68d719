// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

#include <frame/text.hpp>

#include "frame/x86_64/cpu.hpp"

/// The serial console: a 16550 UART, polled. Nothing is assumed about the state that a user program, which may own the
/// port, left it in: waiting for the transmitter is bounded, and a missing device swallows what is sent.
namespace frame::x86_64 {

/// Where messages go until the command line says otherwise.
inline constexpr Port default_console_port = 0x3f8;

/// Sets the port up (115200 baud, 8 data bits, no parity, 1 stop bit, no interrupts) and uses it from now on. 0: none.
void open_console(Port port);

/// The port in use, 0 if none.
[[nodiscard]] Port console_port();

/// Sends one byte as it is.
void send_byte(char byte);

/// Sends text; a line feed gets a carriage return before it.
void print(std::string_view text);
[[gnu::noinline]] void print(const char* text);

/// Sends what the parts say, up to 256 characters; see frame::Text.
template <typename... Parts>
    requires(sizeof...(Parts) > 1)
void print(const Parts&... parts) {
    const Text<256> text{parts...};
    print(text.view());
}

}  // namespace frame::x86_64
