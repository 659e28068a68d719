// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:use-after-move\]
#include <utility>

#include <frame/handles.hpp>

namespace kernel {

void end(frame::Phase phase, int times) {
    for (int turn = 0; turn < times; ++turn) {
        std::move(phase).finish();
    }
}

} // namespace kernel
