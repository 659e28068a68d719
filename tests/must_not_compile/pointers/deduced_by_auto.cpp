// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>
#include <span>

namespace kernel {

std::uint64_t first(std::span<std::uint64_t> words) {
    const auto start = words.data();
    return start[0];
}

} // namespace kernel
