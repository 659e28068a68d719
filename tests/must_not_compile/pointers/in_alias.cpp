// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
namespace kernel {

using Pointer = int*;

} // namespace kernel
