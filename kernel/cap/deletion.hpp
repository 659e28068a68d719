// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <expected>

#include <frame/slot.hpp>
#include "kernel/api/error.hpp"

namespace kernel {

/// Completed, or stopped at a preemption point: then repeating the same call goes on where it stopped.
using Deletion = std::expected<void, Preempted>;

/// A deletion as the whole of what an invocation does.
[[nodiscard]] inline Outcome to_outcome(const Deletion& deletion) {
    if (!deletion) {
        return std::unexpected{Failure{deletion.error()}};
    }
    return Done{};
}

/// Deletes the capability at `victim` (seL4 manual, 3.1.5 and CNode Delete). The last capability to a CNode or TCB first
/// becomes a zombie whose slots are emptied from the end, one between two preemption points. What lies deeper is not
/// followed: a CNode found in a slot swaps its zombie into its own first slot, where revoking its memory finds it.
[[nodiscard]] Deletion delete_capability(frame::Phase&& phase, frame::SlotLocation victim);

/// Deletes every capability derived from the one at `ancestor` (seL4 manual, CNode Revoke).
[[nodiscard]] Deletion revoke_capability(frame::Phase&& phase, frame::SlotLocation ancestor);

/// A point between two bounded pieces of work: stops the work if enough was done and an interrupt waits.
[[nodiscard]] Deletion preemption_point(const frame::Phase& phase);

}  // namespace kernel
