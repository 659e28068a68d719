// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:volatile\]
#include <cstdint>

namespace kernel {

std::uint64_t read(volatile std::uint64_t& word) { return word; }

} // namespace kernel
