// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>

namespace kernel {

std::uint64_t second(std::uint64_t* words) { return *(words + 1); }

} // namespace kernel
