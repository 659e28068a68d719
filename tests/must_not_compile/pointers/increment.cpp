// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>

namespace kernel {

void advance(std::uint64_t*& cursor) { ++cursor; }

} // namespace kernel
