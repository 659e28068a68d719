// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:global\]
namespace kernel {

extern int counter;
int count() { return ++counter; }

} // namespace kernel
