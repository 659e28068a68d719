// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-assign\]
#include <array>
#include <span>

namespace kernel {

int first(std::span<const int> words) {
    std::array<std::span<const int>, 2> all{words, words};
    {
        const std::array<int, 4> local{1, 2, 3, 4};
        all.fill(local);
    }
    return all[0][0];
}

} // namespace kernel
