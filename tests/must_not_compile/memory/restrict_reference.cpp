// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:construct\]
namespace kernel {

int sum(int& __restrict left, int& __restrict right) { return left + right; }

} // namespace kernel
