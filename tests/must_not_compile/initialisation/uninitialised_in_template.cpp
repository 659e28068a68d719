// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit\]
namespace kernel {

namespace {
template <typename T> T make() {
    T value;
    return value;
}
}
int use() { return make<int>(); }

} // namespace kernel
