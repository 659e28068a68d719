// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:global\]
#include <array>

namespace kernel {

namespace {
std::array<int, 4> table{};
}
int first() { return table[0]; }

} // namespace kernel
