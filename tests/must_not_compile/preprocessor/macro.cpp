// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:macro\]
#define TWICE(word) ((word) + (word))

namespace kernel {
int twice(int word) { return TWICE(word); }
}
