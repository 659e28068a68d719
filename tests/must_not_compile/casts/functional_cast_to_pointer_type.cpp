// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <cstdint>

#include <frame/handles.hpp>

namespace kernel {

template <typename T> std::uint64_t peek(std::uint64_t address) { return *T(address); }
// The pointer type is never spelt here: it comes out of a trusted declaration.
using Pointer = decltype(frame::detail::pointer_from(0, &frame::detail::secret));
std::uint64_t use(std::uint64_t address) { return peek<Pointer>(address); }

} // namespace kernel
