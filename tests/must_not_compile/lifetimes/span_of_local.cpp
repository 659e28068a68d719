// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

std::span<const int> words(const int& first [[clang::lifetimebound]]) {
    const std::array<int, 2> local{first, 2};
    return local;
}

} // namespace kernel
