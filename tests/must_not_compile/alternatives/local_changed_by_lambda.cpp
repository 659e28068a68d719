// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

int use() {
    std::optional<int> word{3};
    const auto clear = [&word] { word.reset(); };
    const int& inside = *word;
    clear();
    return inside;
}

} // namespace kernel
