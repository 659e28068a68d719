// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:c-linkage\]
namespace kernel {

extern "C" void outb(unsigned short port, unsigned char value);
void use() { outb(1, 2); }

} // namespace kernel
