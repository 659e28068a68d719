// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:recursion\]
namespace kernel {

int depth(int word) { return word == 0 ? 0 : depth(word - 1) + 1; }

} // namespace kernel
