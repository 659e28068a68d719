// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:address-of\]
#include <cstdint>

namespace kernel {

std::uint64_t identity(std::uint64_t& word) {
    const auto address = &word;
    return *address;
}

} // namespace kernel
