// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

int use(std::optional<int> word) {
    const int& inside = *word;
    word.reset();
    return inside;
}

} // namespace kernel
