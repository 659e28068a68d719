// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <algorithm>

namespace kernel {

int use(int limit) {
    const int& least = std::min(limit, 3);
    return least;
}

} // namespace kernel
