// SPDX-License-Identifier: GPL-2.0-only
//
// Not trusted: a header of the kernel. It specialises a template that the frame offers for that.
#pragma once

#include <frame/handles.hpp>

namespace kernel {

struct Special {};

} // namespace kernel

template <> struct frame::Traits<kernel::Special> {
    static constexpr std::uint64_t bits = 3;
};
