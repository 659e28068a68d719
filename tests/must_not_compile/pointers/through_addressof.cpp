// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <cstdint>
#include <memory>

namespace kernel {

std::uint64_t* address(std::uint64_t& word [[clang::lifetimebound]]) { return std::addressof(word); }

} // namespace kernel
