// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:frame-unsafe\]
#include <cstdint>

#include <frame/handles.hpp>

namespace kernel {

std::uint64_t peek(frame::Entry& entry) { return entry.forged(3).size(); }

} // namespace kernel
