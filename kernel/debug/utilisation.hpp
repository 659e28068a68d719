// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/object/tcb.hpp"

namespace kernel {

/// Who uses the core, and the kernel, for how long (seL4 manual, "Benchmarking System Calls"), in configurations with
/// BENCHMARK_TRACK_UTILISATION. Times are ticks of the time-stamp counter. Counting begins with ResetLog and ends with
/// FinalizeLog.
class Utilisation {
public:
    constexpr explicit Utilisation(frame::Birth) {}
    Utilisation(const Utilisation&) = delete;
    Utilisation& operator=(const Utilisation&) = delete;

    /// A kernel entry begins, or ends and the core goes on with whoever is current.
    void begin_entry();
    void end_entry(const frame::Phase& phase);
    /// The core goes on with `next`, or idles; the thread that it ran so far, if that still lives, is the current one.
    void note_switch(const frame::Phase& phase, const std::optional<frame::Ref<Tcb>>& next);

    /// BenchmarkResetLog: begins to count.
    void start(const frame::Phase& phase);
    /// BenchmarkFinalizeLog: ends counting.
    void stop(const frame::Phase& phase);
    /// BenchmarkGetThreadUtilisation: puts what is known of `tcb`, of idling and of all into the caller's IPC buffer.
    void report(const frame::Phase& phase, frame::Ref<Tcb> caller, const Tcb& tcb) const;
    /// BenchmarkDumpAllThreadsUtilisation: prints it for every thread, as JSON.
    void dump(const frame::Phase& phase) const;

private:
    /// The thread that the core ran when the kernel was entered used it until then.
    void account_current(const frame::Phase& phase);

    bool is_counting_ = false;
    bool is_idle_ = false;
    std::uint64_t entered_ = 0;  ///< when this kernel entry began
    std::uint64_t started_ = 0;
    std::uint64_t stopped_ = 0;
    std::uint64_t kernel_ticks_ = 0;
    std::uint64_t kernel_entries_ = 0;
    std::uint64_t switches_ = 0;
    UtilisationCounters idle_{};
};

/// BenchmarkResetAllThreadsUtilisation.
void reset_all_utilisation(const frame::Phase& phase);

}  // namespace kernel
