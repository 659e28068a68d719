// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:goto\]
namespace kernel {

namespace {
template <typename T> void spin() {
again:
    goto again;
}
}

} // namespace kernel
