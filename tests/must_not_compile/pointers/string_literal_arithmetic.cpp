// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <cstdint>

#include <frame/handles.hpp>

namespace kernel {

std::uint64_t log(std::uint64_t skip) { return frame::log("abc" + skip); }

} // namespace kernel
