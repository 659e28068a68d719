// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
# 1 "/usr/lib/llvm-22/include/c++/v1/array" 3

namespace kernel {
unsigned low_half(unsigned long& word) { return reinterpret_cast<unsigned&>(word); }
}
