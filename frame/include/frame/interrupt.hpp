// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/detail/backend.hpp>
#include <frame/phase.hpp>

namespace frame {

/// Whether an interrupt waits to be taken on this core: asked at preemption points.
[[nodiscard]] inline bool is_interrupt_pending(const Phase& phase) {
    (void)phase;
    return backend::is_interrupt_pending();
}

}  // namespace frame
