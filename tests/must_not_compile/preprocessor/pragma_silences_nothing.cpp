// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#pragma clang diagnostic ignored "-Weverything"
#pragma GCC diagnostic ignored "-Wall"

namespace kernel {
unsigned low_half(unsigned long& word) { return reinterpret_cast<unsigned&>(word); } // NOLINT
}
