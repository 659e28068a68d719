// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
namespace kernel {

inline int twice(int word) { return word + word; }

} // namespace kernel
