// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:construct\]
namespace kernel {

int read(_Atomic(int)& word) { return word; }

} // namespace kernel
