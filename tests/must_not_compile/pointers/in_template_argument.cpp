// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>
#include <optional>

namespace kernel {

std::uint64_t read(std::optional<std::uint64_t*> word) { return **word; }

} // namespace kernel
