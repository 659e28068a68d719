// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:use-after-move\]
#include <utility>

#include <frame/handles.hpp>

namespace kernel {

void end(frame::Phase phase, bool early) {
    if (early) {
        std::move(phase).finish();
    }
    std::move(phase).finish();
}

} // namespace kernel
