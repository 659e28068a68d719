// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:asm\]
namespace kernel {

void halt() { asm volatile("hlt"); }

} // namespace kernel
