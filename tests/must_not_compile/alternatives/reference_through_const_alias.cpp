// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

int use(const std::optional<int>& word, std::optional<int>& alias) {
    const int& inside = *word;
    alias.reset();
    return inside;
}

} // namespace kernel
