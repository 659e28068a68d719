// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-assign\]
#include <array>
#include <span>
#include <utility>

namespace kernel {

int first(std::span<const int> words) {
    {
        const std::array<int, 4> local{1, 2, 3, 4};
        const auto old = std::exchange(words, std::span<const int>(local));
    }
    return words[0];
}

} // namespace kernel
