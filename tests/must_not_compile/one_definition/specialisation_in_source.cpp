// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
#include <frame/handles.hpp>

namespace kernel {
namespace {
struct Special {};
} // namespace
struct Other;
} // namespace kernel

template <> struct frame::Traits<kernel::Other> {
    static constexpr std::uint64_t bits = 3;
};
