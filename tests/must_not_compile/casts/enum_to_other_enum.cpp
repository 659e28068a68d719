// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:enum-cast\]
#include <cstdint>

namespace kernel {

namespace {
enum class Label : std::uint8_t { retype, revoke };
enum class Kind : std::uint8_t { endpoint };
}
Kind decode(Label label) { return static_cast<Kind>(label); }

} // namespace kernel
