// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <variant>

namespace kernel {

bool use(const std::variant<int, bool>& word) {
    const bool* const flag = std::get_if<bool>(&word);
    return flag != nullptr && *flag;
}

} // namespace kernel
