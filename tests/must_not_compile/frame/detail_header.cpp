// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#include <frame/detail/raw.hpp>

namespace kernel {

int use();

} // namespace kernel
