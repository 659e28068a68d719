// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernel {

std::byte read(std::span<const std::uint64_t> words) { return std::as_bytes(words)[3]; }

} // namespace kernel
