// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:frame-detail\]
#include <cstdint>

#include <frame/handles.hpp>

namespace kernel {

namespace inside = frame::detail;
std::uint64_t peek() { return inside::secret; }

} // namespace kernel
