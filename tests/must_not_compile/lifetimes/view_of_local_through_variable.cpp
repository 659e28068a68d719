// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

std::span<const int> words(const int& first [[clang::lifetimebound]]) {
    const std::array<int, 2> local{first, 2};
    const std::span<const int> view(local);
    const std::span<const int> tail = view.subspan(1);
    return tail;
}

} // namespace kernel
