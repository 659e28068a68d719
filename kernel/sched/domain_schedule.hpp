// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>

#include <abi/abi.hpp>

namespace kernel {

/// The static partition of time between domains: a list of (domain, duration) entries that repeats, changeable at run
/// time (seL4 manual, 6.3). With one domain nothing of it remains but the entry that lasts for ever.
class DomainSchedule {
public:
    /// Ticks that no entry exceeds.
    static constexpr std::uint64_t max_duration = (std::uint64_t{1} << 56) - 1;
    static constexpr std::size_t length = abi::config::num_domain_schedules;

    /// One stretch of time; all-zero marks the end of the list.
    struct Stretch {
        std::uint8_t domain = 0;
        std::uint64_t duration = 0;

        [[nodiscard]] constexpr bool is_end() const { return domain == 0 && duration == 0; }
    };

    /// Starts with the schedule that boot leaves: domain 0 for as long as an entry can last.
    void begin() {
        entries_[0] = Stretch{.domain = 0, .duration = max_duration};
        index_ = 0;
        adopt();
    }
    [[nodiscard]] std::uint8_t current() const { return current_; }
    /// One tick passed. Returns whether the current domain's turn ended with it.
    [[nodiscard]] bool tick() {
        if constexpr (abi::config::num_domains > 1) {
            --time_left_;
            return time_left_ == 0;
        }
        return false;
    }
    [[nodiscard]] bool is_turn_over() const { return abi::config::num_domains > 1 && time_left_ == 0; }
    /// Goes on to the next entry, from the end of the list to the start index.
    void advance() {
        ++index_;
        if (entries_[index_].is_end()) {  // the last entry always is
            index_ = start_;
        }
        adopt();
    }

    [[nodiscard]] const Stretch& at(std::size_t index) const [[clang::lifetimebound]] { return entries_[index]; }
    void set(std::size_t index, Stretch stretch) { entries_[index] = stretch; }
    [[nodiscard]] std::size_t start() const { return start_; }
    /// Makes the schedule go on at `index` when the turn that is now cut short ends.
    void restart_at(std::size_t index) {
        start_ = index;
        index_ = length - 2;  // advancing from here reaches the end, whatever the list holds, and so the start
        time_left_ = 0;
    }

private:
    void adopt() {
        current_ = entries_[index_].domain;
        time_left_ = entries_[index_].duration;
    }

    std::array<Stretch, length> entries_{};
    std::size_t index_ = 0;
    std::size_t start_ = 0;
    std::uint64_t time_left_ = 0;
    std::uint8_t current_ = 0;
};

}  // namespace kernel
