// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

[[gnu::const]] int read(int word);

} // namespace kernel
