// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

[[clang::no_sanitize("undefined")]] int add(int left, int right) { return left + right; }

} // namespace kernel
