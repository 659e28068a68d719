// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:asm\]
namespace kernel {

void hidden() __asm__("frame_hidden");
void use() { hidden(); }

} // namespace kernel
