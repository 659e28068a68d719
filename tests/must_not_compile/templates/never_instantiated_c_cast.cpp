// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
namespace kernel {

namespace {
template <typename T> T convert(unsigned long word) { return (T)word; }
}

} // namespace kernel
