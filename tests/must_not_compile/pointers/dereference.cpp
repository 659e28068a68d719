// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>

namespace kernel {

std::uint64_t read(std::uint64_t* word) { return *word; }

} // namespace kernel
