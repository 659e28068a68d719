// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

[[noreturn]] void stop();
void use() { stop(); }

} // namespace kernel
