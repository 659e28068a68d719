// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

int& second(int& first [[clang::lifetimebound]], int& other) { return first > 0 ? first : other; }

} // namespace kernel
