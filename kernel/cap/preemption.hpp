// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/phase.hpp>

namespace kernel {

/// How much preemptible work this core has done since it last looked for interrupts.
class WorkUnits {
public:
    constexpr explicit WorkUnits(const frame::Birth&) {}
    WorkUnits(const WorkUnits&) = delete;
    WorkUnits& operator=(const WorkUnits&) = delete;

    /// Counts one unit; true when it is time to look for interrupts.
    [[nodiscard]] bool count_one();
    /// Starts counting anew: what a domain did must not show in another one's preemption.
    void reset() { done_ = 0; }

private:
    std::uint64_t done_ = 0;
};

}  // namespace kernel
