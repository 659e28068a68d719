// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit\]
#include <array>

namespace kernel {

int first() {
    std::array<int, 4> table;
    return table[0];
}

} // namespace kernel
