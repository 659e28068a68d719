// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:pragma\]
#pragma clang diagnostic ignored "-Wconversion"

namespace kernel {
int use();
}
