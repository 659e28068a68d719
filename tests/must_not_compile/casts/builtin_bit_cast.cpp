// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <cstdint>

namespace kernel {

namespace {
enum class Kind : std::uint8_t { endpoint };
}
Kind decode(std::uint8_t value) { return __builtin_bit_cast(Kind, value); }

} // namespace kernel
