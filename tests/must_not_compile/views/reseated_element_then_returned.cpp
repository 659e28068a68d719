// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <optional>
#include <span>

namespace kernel {

using Views = std::array<std::optional<std::span<const int>>, 2>;
Views pick(std::span<const int> words [[clang::lifetimebound]]) {
    const std::array<int, 4> local{1, 2, 3, 4};
    Views result{};
    result[0] = words;
    result[1].emplace(local);
    return result;
}

} // namespace kernel
