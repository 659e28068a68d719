// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <cstdint>
#include <variant>

namespace kernel {

std::uint64_t use(std::variant<std::uint64_t, bool>& word) {
    const std::uint64_t& number = std::get<std::uint64_t>(word);
    word = true;
    return number;
}

} // namespace kernel
