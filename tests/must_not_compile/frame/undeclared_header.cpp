// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#include <vector>

namespace kernel {

int use();

} // namespace kernel
