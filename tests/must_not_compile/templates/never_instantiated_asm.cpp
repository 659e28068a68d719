// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:asm\]
namespace kernel {

namespace {
template <typename T> void halt() { asm volatile("hlt"); }
}

} // namespace kernel
