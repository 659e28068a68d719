// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:asm\]
namespace kernel {

asm(".globl hidden");

} // namespace kernel
