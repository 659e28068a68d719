// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:c-array\]
namespace kernel {

int first(const int (&table)[4]) { return table[0]; }

} // namespace kernel
