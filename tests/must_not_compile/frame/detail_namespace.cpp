// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:frame-detail\]
#include <cstdint>

#include <frame/handles.hpp>

namespace kernel {

std::uint64_t peek() { return frame::detail::secret; }

} // namespace kernel
