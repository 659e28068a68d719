// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

[[clang::unsafe_buffer_usage]] int read(int word) { return word; }

} // namespace kernel
