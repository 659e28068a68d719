// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <optional>
#include <span>

namespace kernel {

int first(std::optional<std::span<const int>> words) {
    {
        const std::array<int, 4> local{1, 2, 3, 4};
        words.emplace(local);
    }
    const auto now = words;
    return (*now)[0];
}

} // namespace kernel
