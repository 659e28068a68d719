// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
namespace kernel {

namespace {
template <typename T> T read(T* word) { return *word; }
}

} // namespace kernel
