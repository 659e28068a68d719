// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <array>

namespace kernel {

int sum(const std::array<int, 4>& table) {
    const auto first = table.begin();
    return *(first + 5);
}

} // namespace kernel
