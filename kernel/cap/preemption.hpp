// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/phase.hpp>

namespace kernel {

/// How much preemptible work this core has done since it last looked for interrupts. A unit is about what it takes to
/// delete a simple capability, a few hundred instructions.
class WorkUnits {
public:
    constexpr explicit WorkUnits(const frame::Birth&) {}
    WorkUnits(const WorkUnits&) = delete;
    WorkUnits& operator=(const WorkUnits&) = delete;

    void add(std::uint64_t units) { done_ += units; }
    /// True when it is time to look for interrupts; counts from zero again then.
    [[nodiscard]] bool is_look_due();
    /// Starts counting anew: what a domain did must not show in another one's preemption.
    void reset() { done_ = 0; }

private:
    std::uint64_t done_ = 0;
};

/// Work between two preemption points that is worth more than the one unit that the next point counts by itself.
inline void count_work(const frame::Phase& phase, std::uint64_t units) { phase.state<WorkUnits>().add(units); }

}  // namespace kernel
