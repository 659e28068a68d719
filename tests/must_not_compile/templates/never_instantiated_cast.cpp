// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
namespace kernel {

namespace {
template <typename T> unsigned low_half(T& word) { return reinterpret_cast<unsigned&>(word); }
}

} // namespace kernel
