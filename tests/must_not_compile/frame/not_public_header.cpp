// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#include <frame/hidden.hpp>

namespace kernel {

int use();

} // namespace kernel
