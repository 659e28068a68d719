// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:pragma\]
#pragma GCC system_header

namespace kernel {
int use();
}
