// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:float\]
namespace kernel {

using Lanes = int __attribute__((vector_size(16)));

} // namespace kernel
