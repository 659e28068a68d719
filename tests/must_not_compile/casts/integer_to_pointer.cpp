// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <cstdint>

namespace kernel {

std::uint64_t peek(std::uint64_t address) { return *(std::uint64_t*)address; }

} // namespace kernel
