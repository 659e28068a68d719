// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace frame {

/// Access to I/O ports on behalf of a user who holds a capability to them (seL4 manual, 8.2). Values are zero-extended.
[[nodiscard]] std::uint8_t port_in8(std::uint16_t port);
[[nodiscard]] std::uint16_t port_in16(std::uint16_t port);
[[nodiscard]] std::uint32_t port_in32(std::uint16_t port);
void port_out8(std::uint16_t port, std::uint8_t value);
void port_out16(std::uint16_t port, std::uint16_t value);
void port_out32(std::uint16_t port, std::uint32_t value);

}  // namespace frame
