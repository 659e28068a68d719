// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:bit-field\]
#include <cstdint>

namespace kernel {

namespace {
struct Entry {
    std::uint64_t present : 1 = 0;
};
}

} // namespace kernel
