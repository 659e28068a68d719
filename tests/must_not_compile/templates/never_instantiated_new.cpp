// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:new\]
namespace kernel {

namespace {
template <typename T> void make() { delete new T; }
}

} // namespace kernel
