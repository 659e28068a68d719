// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>
#include <span>

namespace kernel {

std::uint64_t second(std::span<std::uint64_t> words) { return words.data()[1]; }

} // namespace kernel
