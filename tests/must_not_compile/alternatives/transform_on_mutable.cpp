// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

int use(std::optional<int>& word) {
    const auto result = word.transform([&word](const int& inside) {
        word.reset();
        return inside;
    });
    return result.value_or(0);
}

} // namespace kernel
