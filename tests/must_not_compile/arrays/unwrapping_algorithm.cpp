// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <algorithm>
#include <span>

namespace kernel {

void copy(std::span<const int> from, std::span<int> to) { std::ranges::copy(from, to.begin()); }

} // namespace kernel
