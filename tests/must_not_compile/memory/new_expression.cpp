// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:new\]
#include <cstdint>

namespace kernel {

std::uint64_t& make() { return *new std::uint64_t(3); }

} // namespace kernel
