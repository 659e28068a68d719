// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-assign\]
#include <array>
#include <span>

namespace kernel {

int first(std::span<const int> words, std::array<int, 4> table) {
    const auto reseat = [&words, table] { words = table; };
    reseat();
    return words[0];
}

} // namespace kernel
