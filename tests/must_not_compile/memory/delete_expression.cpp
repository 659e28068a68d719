// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:new\]
#include <cstdint>

namespace kernel {

void drop(std::uint64_t* word) { delete word; }

} // namespace kernel
