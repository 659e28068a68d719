// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <bit>

namespace kernel {

namespace {
template <typename T> T read(unsigned long word) { return std::bit_cast<T>(word); }
}

} // namespace kernel
