// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:enum-cast\]
#include <cstdint>

namespace kernel {

namespace {
enum class Kind : std::uint8_t { endpoint, notification };
}
Kind decode() { return Kind{7}; }

} // namespace kernel
