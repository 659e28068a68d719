// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>

namespace kernel {

std::uint64_t read(void* memory) { return *static_cast<std::uint64_t*>(memory); }

} // namespace kernel
