// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:c-linkage\]
#include <cstdint>
#include <string_view>

namespace kernel {

void copy(std::uint64_t& to, const std::uint64_t& from) { ::memcpy(&to, &from, 100); }

} // namespace kernel
