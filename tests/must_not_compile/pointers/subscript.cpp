// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:index\]
#include <cstdint>

namespace kernel {

std::uint64_t element(std::uint64_t* words, std::uint64_t index) { return words[index]; }

} // namespace kernel
