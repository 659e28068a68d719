// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

void original() {}
[[gnu::alias("_ZN6kernel8originalEv")]] void alias();

} // namespace kernel
