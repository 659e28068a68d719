// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:enum-cast\]
#include <cstdint>

namespace kernel {

enum class Kind : std::uint8_t;
Kind decode(std::uint8_t value) { return static_cast<Kind>(value); }

} // namespace kernel
