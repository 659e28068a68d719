// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <vector>

namespace kernel {

int first(const std::vector<int>& table) { return table[0]; }

} // namespace kernel
