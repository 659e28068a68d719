// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:namespace\]
#include <frame/handles.hpp>

namespace kernel {
struct Thread;
}

template <> struct frame::Layout<kernel::Thread> {
    static constexpr unsigned long size = 3;
};
