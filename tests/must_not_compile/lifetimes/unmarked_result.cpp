// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

int& same(int& word) { return word; }

} // namespace kernel
