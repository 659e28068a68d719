// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:asm\]
namespace kernel {

unsigned long stack() {
    register unsigned long pointer __asm__("rsp");
    return pointer;
}

} // namespace kernel
