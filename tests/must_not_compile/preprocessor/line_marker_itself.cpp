// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:line-marker\]
# 1 "/usr/lib/llvm-22/include/c++/v1/array" 3

namespace kernel {
int use();
}
