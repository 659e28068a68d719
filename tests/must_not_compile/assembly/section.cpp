// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

namespace {
[[gnu::section(".boot")]] constexpr int value = 3;
}
int get() { return value; }

} // namespace kernel
