// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-construction\]
#include <array>
#include <cstdint>
#include <span>

namespace kernel {

std::uint64_t read(std::array<std::uint64_t, 4>& words) {
    const std::span<std::uint64_t> all(words.begin(), 100);
    return all[50];
}

} // namespace kernel
