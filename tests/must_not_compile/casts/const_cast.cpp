// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <cstdint>

namespace kernel {

void overwrite(const std::uint64_t& word) { const_cast<std::uint64_t&>(word) = 3; }

} // namespace kernel
