// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:index\]
namespace kernel {

char letter(unsigned index) { return "endpoint"[index]; }

} // namespace kernel
