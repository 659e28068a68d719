// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

int first(std::span<const int> words) {
    {
        const std::array<int, 4> local{1, 2, 3, 4};
        words = local;
    }
    return words[0];
}

} // namespace kernel
