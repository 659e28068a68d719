// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <cstdint>
#include <new>

namespace kernel {

std::uint64_t read(std::uint64_t& word) { return *std::launder(&word); }

} // namespace kernel
