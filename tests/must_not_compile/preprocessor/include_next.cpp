// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#include_next <cstdint>

namespace kernel {
int use();
}
