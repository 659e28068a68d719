// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <cstdint>
#include <variant>

namespace kernel {

std::uint64_t use(std::variant<std::uint64_t, bool>& word) {
    return std::visit(
        [&word](auto& content) {
            word = true;
            return static_cast<std::uint64_t>(content);
        },
        word);
}

} // namespace kernel
