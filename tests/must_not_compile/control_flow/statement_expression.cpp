// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:construct\]
namespace kernel {

int twice(int word) { return ({ const int copy = word; copy * 2; }); }

} // namespace kernel
