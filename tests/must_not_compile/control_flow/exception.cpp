// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:exception\]
// baseline: -fexceptions
namespace kernel {

void fail() { throw 3; }

} // namespace kernel
