// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#pragma clang system_header

namespace kernel {
unsigned low_half(unsigned long& word) { return reinterpret_cast<unsigned&>(word); }
}
