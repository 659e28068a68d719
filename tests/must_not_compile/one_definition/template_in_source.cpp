// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
namespace kernel {

template <typename T> T twice(T word) { return word + word; }

} // namespace kernel
