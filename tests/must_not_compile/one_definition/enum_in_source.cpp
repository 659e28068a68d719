// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
namespace kernel {

enum class Kind { endpoint };

} // namespace kernel
