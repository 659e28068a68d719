// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
#include <cstdint>

namespace kernel {

namespace {
struct [[gnu::packed]] Entry {
    std::uint8_t tag = 0;
    std::uint64_t word = 0;
};
}

} // namespace kernel
