// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:address-of\]
namespace kernel {

namespace {
template <typename T> bool same(T& left, T& right) { return &left == &right; }
}

} // namespace kernel
