// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

std::array<int, 4> make();
int first() {
    const std::span<const int> words = make();
    return words[0];
}

} // namespace kernel
