// SPDX-License-Identifier: GPL-2.0-only
//
// All sequences of operations over a tiny system, to a depth: two CNodes, two threads, an endpoint, a notification and a
// handful of slots. States that were seen before are not gone on from; every invariant is checked in every new state.
//
//     exhaustive [DEPTH] [--seconds N]      default: 6, without a limit
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_set>
#include <vector>

#include <frame/detail/core_access.hpp>
#include <frame/detail/object_memory.hpp>
#include "frame/host/processor.hpp"
#include "kernel/sched/scheduler.hpp"
#include "tests/machine/builder.hpp"
#include "tests/machine/census.hpp"
#include "tests/machine/invariants.hpp"
#include "tests/machine/machine.hpp"

namespace {

using abi::InvocationLabel;
using test::Census;
using test::Held;
using test::Machine;
using test::Result;
using test::Step;

/// Slots of the CNode that both threads have as their CSpace, 16 in all.
enum Slot : std::uint64_t {
    space = 1,
    other_cnode = 2,
    endpoint = 3,
    notification = 4,
    first_tcb = 5,
    second_tcb = 6,
    free_a = 7,
    free_b = 8
};
constexpr std::uint64_t radix = 4;
constexpr std::uint64_t all_rights = abi::cap_rights::make(1, 1, 1, 1);

void build(Machine& machine) {
    test::Builder builder{machine, radix};
    builder.copy(space, builder.space());
    builder.move(other_cnode, builder.retype(abi::ObjectType::CapTable, 1));
    builder.move(endpoint, builder.retype(abi::ObjectType::Endpoint));
    builder.move(notification, builder.retype(abi::ObjectType::Notification));
    builder.copy(first_tcb, abi::initial_cap::tcb);
    builder.move(second_tcb, builder.retype(abi::ObjectType::Tcb));
    const std::uint64_t guard = abi::cnode_cap_data::make(0, 64 - radix);
    machine.must_call(abi::initial_cap::tcb, InvocationLabel::TCBSetSpace, {0, guard, 0},
                      {builder.space(), abi::initial_cap::vspace});
}

Step invoke(std::uint64_t capability, InvocationLabel label, std::vector<std::uint64_t> words = {},
            std::vector<std::uint64_t> caps = {}) {
    return Step{.capability = capability,
                .info = abi::message_info::make(abi::number(label), 0, caps.size(), words.size()),
                .words = std::move(words),
                .caps = std::move(caps)};
}

Step system_call(abi::Syscall call, std::uint64_t capability = 0) {
    return Step{.call = abi::number(call), .capability = capability};
}

/// Everything that the running thread may do.
std::vector<Step> operations() {
    using enum InvocationLabel;
    const auto copy = [](std::uint64_t from, std::uint64_t to) {
        return invoke(space, CNodeCopy, {to, radix, from, radix, all_rights}, {space});
    };
    const auto remove = [](std::uint64_t slot) { return invoke(space, CNodeDelete, {slot, radix}); };
    return {
        copy(endpoint, free_a),
        copy(second_tcb, free_a),
        copy(other_cnode, free_b),
        copy(notification, free_b),
        invoke(space, CNodeMint, {free_a, radix, endpoint, radix, all_rights, 1}, {space}),
        invoke(space, CNodeMint, {free_b, radix, free_a, radix, all_rights, 0}, {space}),
        invoke(other_cnode, CNodeMove, {0, 1, free_a, radix}, {space}),
        invoke(other_cnode, CNodeMove, {1, 1, other_cnode, radix}, {space}),
        invoke(space, CNodeMove, {free_a, radix, 0, 1}, {other_cnode}),
        invoke(space, CNodeSaveCaller, {free_a, radix}),
        invoke(space, CNodeRevoke, {endpoint, radix}),
        invoke(space, CNodeRevoke, {notification, radix}),
        invoke(space, CNodeCancelBadgedSends, {free_a, radix}),
        remove(endpoint),
        remove(notification),
        remove(free_a),
        remove(free_b),
        remove(other_cnode),
        remove(second_tcb),
        remove(first_tcb),
        invoke(second_tcb, TCBSetSpace, {endpoint, abi::cnode_cap_data::make(0, 64 - radix), 0}, {space, 0}),
        invoke(second_tcb, TCBResume),
        invoke(second_tcb, TCBSuspend),
        invoke(first_tcb, TCBResume),
        invoke(first_tcb, TCBSuspend),
        invoke(first_tcb, TCBBindNotification, {}, {notification}),
        invoke(first_tcb, TCBUnbindNotification),
        invoke(second_tcb, TCBSetPriority, {255}, {first_tcb}),
        system_call(abi::Syscall::Call, endpoint),
        system_call(abi::Syscall::Call, free_a),
        system_call(abi::Syscall::Send, endpoint),
        system_call(abi::Syscall::Recv, endpoint),
        system_call(abi::Syscall::Reply),
        system_call(abi::Syscall::Send, notification),
        system_call(abi::Syscall::Recv, notification),
        system_call(abi::Syscall::Yield),
    };
}

/// Collects what decides about the future of a system.
class Fingerprint {
public:
    void add(std::uint64_t word) {
        low_ = (low_ ^ word) * 0x9e37'79b9'7f4a'7c15;
        low_ ^= low_ >> 29;
        high_ = (high_ + word) * 0xc2b2'ae3d'27d4'eb4f;
        high_ ^= high_ >> 31;
    }
    [[nodiscard]] std::uint64_t value() const { return low_ ^ (high_ << 1); }

private:
    std::uint64_t low_ = 1;
    std::uint64_t high_ = 2;
};

std::uint64_t place(std::uint64_t link) { return frame::detail::link_place(link & ~std::uint64_t{7}); }

void add_thread(Fingerprint& print, kernel::Tcb& tcb) {
    print.add(static_cast<std::uint64_t>(tcb.state));
    print.add(tcb.priority);
    print.add(tcb.domain);
    print.add(tcb.time_slice);
    print.add(static_cast<std::uint64_t>(tcb.sends_badge));
    print.add((tcb.sends_as_call ? 1U : 0U) | (tcb.sends_with_grant ? 2U : 0U) | (tcb.receives_with_grant ? 4U : 0U));
    print.add(tcb.fault_handler);
    print.add(static_cast<std::uint64_t>(tcb.fault.type));
    // The ready and wait hooks, and the bound notification, by place: tags tell histories apart, not states.
    std::array<std::uint64_t, sizeof(frame::TcbLinks) / 8> links{};
    std::memcpy(links.data(), static_cast<const void*>(&tcb.block.links), sizeof links);
    for (const std::uint64_t link : links) {
        print.add(place(link) | (link & 7));
    }
    // What a running thread has in its registers it overwrites before its next act; others' registers are their message,
    // or the system call that they repeat.
    if (tcb.state != kernel::ThreadState::running) {
        for (const auto reg :
             {frame::Register::rdi, frame::Register::rsi, frame::Register::rdx, frame::Register::r10,
              frame::Register::r8, frame::Register::r9, frame::Register::r15, frame::Register::next_ip}) {
            print.add(tcb.block.context.get(reg));
        }
    }
}

template <class Object>
void add_queue(Fingerprint& print, const Object& object) {
    std::array<std::uint64_t, sizeof(Object) / 8> words{};
    std::memcpy(words.data(), static_cast<const void*>(&object), sizeof words);
    for (const std::uint64_t word : words) {
        print.add(place(word) | (word & 7));
    }
}

std::uint64_t fingerprint(const Machine& machine) {
    const Census census;
    Fingerprint print;
    print.add(census.current);
    for (const Held& held : census.held) {
        print.add(held.place);
        print.add(held.first);
        print.add(held.second);
        print.add(place(held.next) | (held.is_revocable ? 1U : 0U) | (held.is_first_badged ? 2U : 0U));
    }
    for (const auto& tcb : census.tcbs) {
        print.add(tcb.offset);
        add_thread(print, *tcb.object);
    }
    for (const auto& object : census.endpoints) {
        print.add(object.offset);
        add_queue(print, *object.object);
    }
    for (const auto& object : census.notifications) {
        print.add(object.offset);
        add_queue(print, *object.object);
    }
    for (const frame::ReadyQueue& queue : kernel::scheduler(census.phase).ready_queues(0)) {
        if (!queue.is_empty()) {
            add_queue(print, queue);
        }
    }
    print.add(machine.is_repeating() ? 1 : 0);
    return print.value();
}

using Path = std::vector<std::uint8_t>;

class Explorer {
public:
    explicit Explorer(double seconds) : seconds_{seconds} {
        build(machine_);
        frame::host::Processor::instance().console = frame::host::Processor::Console::dropped;
        Machine::checkpoint();
        machine_.checks_every_entry = false;
        seen_.insert(fingerprint(machine_));
        frontier_.emplace_back();
    }

    /// One level deeper; false when there is nothing new, or the time is over.
    bool deepen() {
        std::vector<Path> next;
        for (const Path& path : frontier_) {
            for (std::uint8_t operation = 0; operation < operations_.size(); ++operation) {
                go_to(path);
                do_one(operation);
                ++transitions_;
                if (seen_.insert(fingerprint(machine_)).second) {
                    check(path, operation);
                    next.push_back(path);
                    next.back().push_back(operation);
                }
            }
            if (seconds_ > 0 && elapsed() > seconds_) {
                return false;
            }
        }
        frontier_ = std::move(next);
        return !frontier_.empty();
    }

    [[nodiscard]] double elapsed() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }
    void report(unsigned depth) const {
        std::printf("depth %u: %zu states, %llu transitions, %llu kernel entries, %.1f s\n", depth, seen_.size(),
                    static_cast<unsigned long long>(transitions_), static_cast<unsigned long long>(machine_.entries()),
                    elapsed());
        std::fflush(stdout);
    }

private:
    void go_to(const Path& path) {
        machine_.restore();
        for (const std::uint8_t operation : path) {
            do_one(operation);
        }
    }
    /// The operation, and whatever interrupted system calls are repeated first.
    void do_one(std::uint8_t operation) {
        for (unsigned count = 0; machine_.is_repeating() && count < most_repeats; ++count) {
            machine_.perform(Step{.kind = Step::Kind::repeat});
        }
        machine_.perform(operations_[operation]);
    }
    void check(const Path& path, std::uint8_t last) {
        const auto violations = test::violations();
        if (violations.empty()) {
            return;
        }
        std::printf("After these operations an invariant does not hold:\n");
        for (const std::uint8_t operation : path) {
            std::printf("  %s\n", to_text(operations_[operation]).c_str());
        }
        std::printf("  %s\n", to_text(operations_[last]).c_str());
        for (const test::Violation& violation : violations) {
            std::printf("invariant %s: %s\n", std::string{violation.invariant}.c_str(), violation.what.c_str());
        }
        std::exit(1);
    }

    static constexpr unsigned most_repeats = 4;
    Machine& machine_ = Machine::boot();
    std::vector<Step> operations_ = operations();
    std::unordered_set<std::uint64_t> seen_{};
    std::vector<Path> frontier_{};
    std::uint64_t transitions_ = 0;
    double seconds_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

int main(int count, char** arguments) {
    unsigned depth = 6;
    double seconds = 0;
    for (int index = 1; index < count; ++index) {
        if (std::strcmp(arguments[index], "--seconds") == 0 && index + 1 < count) {
            seconds = std::atof(arguments[++index]);
        } else {
            depth = static_cast<unsigned>(std::atoi(arguments[index]));
        }
    }
    Explorer explorer{seconds};
    for (unsigned level = 1; level <= depth; ++level) {
        const bool goes_on = explorer.deepen();
        explorer.report(level);
        if (!goes_on && level < depth) {
            std::printf("stopped at depth %u\n", level);
            return 2;
        }
    }
    std::printf("every invariant holds in every state\n");
    return 0;
}
