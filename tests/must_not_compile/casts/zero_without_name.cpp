// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:enum-cast\]
#include <cstdint>

namespace kernel {

namespace {
enum class Kind : std::uint8_t { endpoint = 1, notification = 2 };
}
Kind none() { return Kind{}; }

} // namespace kernel
