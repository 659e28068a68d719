// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "kernel/cap/preemption.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

/// Wakes every thread that waits in the queue of an endpoint or notification that goes away; each repeats what it was
/// doing. All at once, as on seL4: a thread that wakes up must not find others still waiting (docs/preemption.md).
template <class Queue>
void wake_all(const frame::Phase& phase, Queue& queue) {
    constexpr std::uint64_t woken_per_unit = 8;
    if (queue.is_empty()) {
        return;
    }
    Scheduler& queues = scheduler(phase);
    const std::uint64_t woken =
        queue.take_all(phase, [&queues](frame::Ref<Tcb> waiter) { queues.wake_to_restart(waiter); });
    count_work(phase, woken / woken_per_unit);
    queues.require_reschedule(phase);
}

}  // namespace kernel
