// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/core.hpp>
#include <frame/links.hpp>
#include "kernel/debug/utilisation.hpp"
#include "kernel/object/tcb.hpp"
#include "kernel/sched/domain_schedule.hpp"
#include "kernel/vspace/vspace.hpp"

namespace kernel {

/// Who runs next: the ready queues of every domain and priority, the domain schedule, and the decision that a kernel
/// entry ends with (seL4 manual, 6.1.3 to 6.3). All scheduling policy is here.
class Scheduler {
public:
    constexpr explicit Scheduler(const frame::Birth&) {}
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    /// Changes what a thread is doing; a running thread that may run no more makes room for another one.
    void set_state(const frame::Phase& phase, frame::Ref<Tcb> tcb, ThreadState state);
    /// `tcb` became runnable and is worth a switch at the end of this entry.
    void consider(const frame::Phase& phase, frame::Ref<Tcb> tcb);
    /// The running thread must compete again at the end of this entry.
    void require_reschedule(const frame::Phase& phase);
    /// Lets a thread that waited, and so is not the running one, repeat what it was doing.
    void wake_to_restart(frame::Ref<Tcb> tcb) {
        tcb->state = ThreadState::restart;
        enqueue_one_of_many(tcb);
    }
    /// Puts a runnable thread at the front, or the back, of its ready queue, unless it is in one.
    void enqueue(frame::Ref<Tcb> tcb);
    void append(frame::Ref<Tcb> tcb);
    /// Takes a thread out of its ready queue, if it is in one.
    void dequeue(frame::Ref<Tcb> tcb) {
        if (tcb->block.links.ready.is_linked()) {
            leave_queue(tcb);
        }
    }

    /// Whether nothing was noted in this entry so far that its end has to decide about.
    [[nodiscard]] bool is_undecided() const { return decision_ == Decision::resume; }
    /// Whether the core would go to `tcb` if the running thread waited from now on, as long as that is undecided: nothing
    /// more important is ready.
    [[nodiscard, gnu::always_inline]] bool may_hand_over(frame::Ref<Tcb> running, frame::Ref<Tcb> tcb) const {
        frame::verify(is_undecided(), "a thread was handed the core against a decision");
        if (abi::config::num_domains > 1 && tcb->domain != current_domain()) {
            return false;
        }
        // What is at least as important as the running thread goes on even if a better one was brought into this domain.
        const DomainQueues& ready = queues_[current_domain()];
        return tcb->priority >= running->priority || ready.occupied_words == 0 || !ready.has_above(tcb->priority);
    }
    /// The running thread stops, and `tcb`, another one that is in no ready queue (it waited, or its turn has come), goes on
    /// in its place: a whole decision of `finish_entry`, for which `may_hand_over` holds.
    [[gnu::always_inline]] void hand_over(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
        load_space(phase, tcb);
        if (tcb->fpu_disabled) [[unlikely]] {
            frame::this_core(phase).deny_fpu();
        } else {
            frame::this_core(phase).hand_over_fpu(tcb);
        }
        frame::this_core(phase).switch_over(tcb);
    }

    /// The end of almost every kernel entry: decides, switches, and readies the thread that runs next.
    void finish_entry(const frame::Phase& phase);
    /// One timer tick has passed.
    void tick(const frame::Phase& phase);
    /// `tcb`, the running thread, gives up its turn (system call Yield): a whole decision of `finish_entry`.
    void yield(const frame::Phase& phase, frame::Ref<Tcb> tcb);

    void set_priority(const frame::Phase& phase, frame::Ref<Tcb> tcb, Priority priority);
    void set_domain(const frame::Phase& phase, frame::Ref<Tcb> tcb, Domain domain);
    [[nodiscard]] Domain current_domain() const { return abi::config::num_domains > 1 ? domains_.current() : Domain{}; }
    [[nodiscard]] DomainSchedule& domains() [[clang::lifetimebound]] { return domains_; }
    /// Starts the system with `tcb` as its one thread.
    void start_with(const frame::Phase& phase, frame::Ref<Tcb> tcb);
    /// `tcb` is about to die: takes it out of every place from which it could be chosen.
    void forget(const frame::Phase& phase, frame::Ref<Tcb> tcb);

    /// The first ready thread of a domain and priority, for people who debug.
    [[nodiscard]] std::optional<frame::Ref<Tcb>> first_ready(const frame::Phase& phase [[clang::lifetimebound]],
                                                             Domain domain, Priority priority) const;
    /// The ready queues of a domain, by priority, and the bits that say into which of them choosing looks, for checks.
    [[nodiscard]] const auto& ready_queues(Domain domain) const [[clang::lifetimebound]] {
        return queues_[domain].queues;
    }
    [[nodiscard]] const auto& ready_marks(Domain domain) const [[clang::lifetimebound]] {
        return queues_[domain].occupied;
    }

private:
    static constexpr std::size_t priorities = abi::config::num_priorities;
    static constexpr std::size_t levels = priorities / 64;

    /// What the end of this entry has to do; with `consider`, the core holds the candidate.
    enum class Decision : std::uint8_t { resume, consider, choose };

    /// The runnable threads of one domain: a queue for each priority, and which of them hold a thread.
    struct DomainQueues {
        std::uint64_t occupied_words = 0;              ///< bit n: word n is not 0
        std::array<std::uint64_t, levels> occupied{};  ///< bit p % 64 of word p / 64
        std::array<frame::ReadyQueue, priorities> queues{};

        void mark(Priority priority) {
            occupied[priority / 64U] |= std::uint64_t{1} << (priority % 64U);
            occupied_words |= std::uint64_t{1} << (priority / 64U);
        }
        void unmark(Priority priority) {
            occupied[priority / 64U] &= ~(std::uint64_t{1} << (priority % 64U));
            if (occupied[priority / 64U] == 0) {
                occupied_words &= ~(std::uint64_t{1} << (priority / 64U));
            }
        }
        [[nodiscard]] std::optional<Priority> highest() const {
            if (occupied_words == 0) {
                return std::nullopt;
            }
            const std::uint64_t word = highest_bit(occupied_words);
            return static_cast<Priority>(word * 64 + highest_bit(occupied[word]));
        }
        /// Whether a thread of a higher priority is ready.
        [[nodiscard, gnu::always_inline]] bool has_above(Priority priority) const {
            const unsigned word = priority / 64U;
            return (occupied_words >> word) > 1 || (occupied[word] >> (priority % 64U)) > 1;
        }
        /// The place of the highest bit that is set; one is.
        [[nodiscard]] static std::uint64_t highest_bit(std::uint64_t word) {
            return static_cast<std::uint64_t>(std::bit_width(word)) - 1;
        }
    };

    [[nodiscard]] DomainQueues& queues_of(const Tcb& tcb) [[clang::lifetimebound]] { return queues_[tcb.domain]; }
    void decide(const frame::Phase& phase);
    void choose(const frame::Phase& phase);
    /// Readies a thread that runs next to repeat what it was doing, if it has to.
    static void get_going(Tcb& tcb);
    void leave_queue(frame::Ref<Tcb> tcb);
    /// `enqueue` of a thread that is in no ready queue, where others of the same priority went before: for the first of them
    /// alone there is something to mark.
    void enqueue_one_of_many(frame::Ref<Tcb> tcb);
    void switch_to(const frame::Phase& phase, frame::Ref<Tcb> tcb);
    /// `tcb` runs next, in its own address space.
    [[gnu::always_inline]] static void load_space(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
        if constexpr (abi::config::benchmark_track_utilisation) {
            phase.state<Utilisation>().note_switch(phase, tcb);
        }
        activate_vspace(phase, tcb);
    }

    // First, for the sake of cache lines (frame/x86_64/kernel.ld): every entry looks at it.
    Decision decision_ = Decision::resume;
    std::array<DomainQueues, abi::config::num_domains> queues_{};
    DomainSchedule domains_{};
};

/// The scheduler of the core that this entry runs on.
[[nodiscard]] inline Scheduler& scheduler(const frame::Phase& phase [[clang::lifetimebound]]) {
    return phase.state<Scheduler>();
}

}  // namespace kernel
