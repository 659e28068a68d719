// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <cstdint>

namespace kernel {

std::uint32_t low_half(std::uint64_t& word) { return reinterpret_cast<std::uint32_t&>(word); }

} // namespace kernel
