// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <bit>
#include <cstdint>

namespace kernel {

namespace {
enum class Kind : std::uint8_t { endpoint };
}
Kind decode(std::uint8_t value) { return std::bit_cast<Kind>(value); }

} // namespace kernel
