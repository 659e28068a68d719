// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:private-access\]
#include <frame/handles.hpp>

namespace kernel {

namespace {
template <auto Member> struct Thief;
template <> struct Thief<&frame::Link::target_> {};
}

} // namespace kernel
