// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:float\]
#include <cstdint>

namespace kernel {

std::uint64_t half(std::uint64_t ticks) { return static_cast<std::uint64_t>(0.5 * static_cast<double>(ticks)); }

} // namespace kernel
