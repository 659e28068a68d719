// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

std::span<const int> pick(std::span<const int> words [[clang::lifetimebound]]) {
    const std::array<int, 4> local{1, 2, 3, 4};
    std::span<const int> result = words;
    if (words.empty()) {
        result = local;
    }
    return result;
}

} // namespace kernel
