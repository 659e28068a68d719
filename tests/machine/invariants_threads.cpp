// SPDX-License-Identifier: GPL-2.0-only
//
// What must hold of threads, queues and the core.
#include <algorithm>

#include <frame/detail/core_access.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/links.hpp>
#include "frame/host/mmu.hpp"
#include "kernel/object/thread.hpp"
#include "kernel/sched/scheduler.hpp"
#include "tests/machine/census.hpp"
#include "tests/machine/invariants.hpp"

namespace test {

namespace {

using frame::QueueHook;
using kernel::Tcb;
using kernel::ThreadState;

/// The raw words of a hook or queue: what the frame keeps private.
struct Words {
    std::uint64_t next;
    std::uint64_t previous;
};
static_assert(sizeof(Words) == sizeof(QueueHook));
Words words_of(const QueueHook& hook) {
    const Words words = reinterpret_cast<const Words&>(hook);
    return Words{words.next & ~std::uint64_t{1}, words.previous};
}

struct QueueWords {
    std::uint64_t head;
    std::uint64_t tail;
};
template <class Queue>
QueueWords words_of_queue(const Queue& queue) {
    static_assert(sizeof(Queue) == sizeof(QueueWords));
    return reinterpret_cast<const QueueWords&>(queue);
}

struct WaitWords {
    Words hook;
    std::uint64_t owner;
};
static_assert(sizeof(WaitWords) == sizeof(frame::WaitHook));

/// A queue in words, which are only made when something is wrong with it.
struct QueueName {
    const char* kind = "";
    std::uint64_t number = 0;
    [[nodiscard]] std::string text() const { return std::format("the {} {:#x}", kind, number); }
};

/// Follows a queue from its first thread; says what is wrong with it.
template <class HookOf, class IsLinked>
std::vector<std::uint64_t> walk(const Census& census, QueueWords queue, HookOf hook_of, IsLinked is_linked,
                                const QueueName& what, Found& found) {
    std::vector<std::uint64_t> members;
    std::uint64_t previous = 0;
    std::uint64_t at = queue.head;
    while (at != 0) {
        const std::optional<std::uint64_t> offset = link_target(at);
        Tcb* const tcb = offset ? census.living<Tcb>(*offset) : nullptr;
        if (tcb == nullptr) {
            found.push_back(what.text() + " leads to something that is no live thread");
            return members;
        }
        const Words hook = hook_of(*tcb);
        if (!is_linked(*tcb) || hook.previous != previous || members.size() > census.tcbs.size()) {
            found.push_back(std::format("{} is not linked both ways at the thread {:#x}", what.text(), *offset));
            return members;
        }
        members.push_back(*offset);
        previous = at;
        at = hook.next;
    }
    if (queue.tail != previous) {
        found.push_back(what.text() + " ends with another thread than its last");
    }
    return members;
}

Words wait_hook(Tcb& tcb) { return reinterpret_cast<const WaitWords&>(tcb.block.links.wait).hook; }
std::uint64_t wait_owner(const Tcb& tcb) { return reinterpret_cast<const WaitWords&>(tcb.block.links.wait).owner; }
bool waits(const Tcb& tcb) { return tcb.block.links.wait.is_linked(); }
bool is_ready(const Tcb& tcb) { return tcb.block.links.ready.is_linked(); }
bool is_listed(const Tcb& tcb) { return tcb.block.links.all_threads.is_linked(); }
Words ready_hook(Tcb& tcb) { return words_of(tcb.block.links.ready); }
Words list_hook(Tcb& tcb) { return words_of(tcb.block.links.all_threads); }

bool is_passed_over(std::uint64_t tcb) {
    return std::ranges::find(brought_into_domain(), tcb) != brought_into_domain().end();
}

/// Checks one queue of waiting threads; counts its members.
template <class Object>
std::size_t check_wait_queue(const Census& census, const Living<Object>& owner, const char* kind, std::uint64_t tag,
                             std::optional<ThreadState> expected, Found& found) {
    constexpr std::uint64_t state_mask = 3;
    QueueWords queue = words_of_queue(owner.object->links.queue);
    queue.head &= ~state_mask;
    const QueueName what{kind, owner.offset};
    const auto members = walk(census, queue, wait_hook, waits, what, found);
    if (members.empty() == expected.has_value()) {
        found.push_back(what.text() + (members.empty() ? " is empty, but its state says that threads wait"
                                                       : " has threads, but its state says that none waits"));
    }
    for (const std::uint64_t member : members) {
        Tcb& tcb = *census.living<Tcb>(member);
        if (expected && tcb.state != *expected) {
            found.push_back(std::format("{} has the thread {:#x}, which does something else", what.text(), member));
        }
        const std::uint64_t link = wait_owner(tcb);
        if ((link & 1) != tag || link_target(link & ~std::uint64_t{1}) != owner.offset) {
            found.push_back(std::format("{} has the thread {:#x}, which names another owner", what.text(), member));
        }
    }
    return members.size();
}

}  // namespace

void check_wait_queues(const Census& census, Found& found) {
    std::size_t queued = 0;
    for (const auto& endpoint : census.endpoints) {
        const frame::EndpointState state = endpoint.object->links.queue.state();
        const auto expected = state == frame::EndpointState::sending ? std::optional{ThreadState::blocked_on_send}
                              : state == frame::EndpointState::receiving
                                  ? std::optional{ThreadState::blocked_on_receive}
                                  : std::nullopt;
        queued += check_wait_queue(census, endpoint, "queue of the endpoint at", 0, expected, found);
    }
    for (const auto& notification : census.notifications) {
        const bool waits = notification.object->links.queue.state() == frame::NotificationState::waiting;
        const auto expected = waits ? std::optional{ThreadState::blocked_on_notification} : std::nullopt;
        queued += check_wait_queue(census, notification, "queue of the notification at", 1, expected, found);
    }
    std::size_t waiting = 0;
    for (const auto& tcb : census.tcbs) {
        const ThreadState state = tcb.object->state;
        const bool should_wait = state == ThreadState::blocked_on_send || state == ThreadState::blocked_on_receive ||
                                 state == ThreadState::blocked_on_notification;
        const bool is_linked = waits(*tcb.object);
        waiting += is_linked ? 1 : 0;
        if (should_wait != is_linked) {
            found.push_back(std::format("the thread {:#x} {} in a queue, and its state is {}", tcb.offset,
                                        is_linked ? "is" : "is not", static_cast<int>(state)));
        }
    }
    if (waiting != queued) {
        found.push_back(std::format("{} threads say that they are in a queue, {} are", waiting, queued));
    }
}

void check_ready_queues(const Census& census, Found& found) {
    const kernel::Scheduler& scheduler = kernel::scheduler(census.phase);
    std::size_t queued = 0;
    std::optional<kernel::Priority> best;
    for (unsigned domain = 0; domain < abi::config::num_domains; ++domain) {
        const auto& queues = scheduler.ready_queues(static_cast<kernel::Domain>(domain));
        const auto& marks = scheduler.ready_marks(static_cast<kernel::Domain>(domain));
        for (unsigned priority = 0; priority < abi::config::num_priorities; ++priority) {
            const frame::ReadyQueue& queue = queues[priority];
            const bool is_noted = (marks[priority / 64] >> (priority % 64) & 1) != 0;
            if (is_noted == queue.is_empty()) {
                found.push_back(std::format("priority {} of domain {} {} noted as ready, and its queue {}", priority,
                                            domain, is_noted ? "is" : "is not",
                                            queue.is_empty() ? "is empty" : "is not"));
            }
            if (queue.is_empty()) {
                continue;
            }
            const QueueName what{"ready queue of priority", priority};
            const auto members = walk(census, words_of_queue(queue), ready_hook, is_ready, what, found);
            if (domain == scheduler.current_domain() && !std::ranges::all_of(members, is_passed_over)) {
                best = static_cast<kernel::Priority>(priority);
            }
            queued += members.size();
            for (const std::uint64_t member : members) {
                const Tcb& tcb = *census.living<Tcb>(member);
                if (tcb.priority != priority || tcb.domain != domain || !tcb.is_runnable()) {
                    found.push_back(
                        std::format("{} has the thread {:#x}, which does not belong there", what.text(), member));
                }
            }
        }
    }
    std::size_t ready = 0;
    for (const auto& tcb : census.tcbs) {
        const bool is_linked = is_ready(*tcb.object);
        const bool should = tcb.object->is_runnable() && tcb.offset != census.current;
        ready += is_linked ? 1 : 0;
        if (is_linked != should) {
            found.push_back(std::format("the thread {:#x} {} in a ready queue, and it {} be: state {}", tcb.offset,
                                        is_linked ? "is" : "is not", should ? "should" : "should not",
                                        static_cast<int>(tcb.object->state)));
        }
    }
    if (ready != queued) {
        found.push_back(std::format("{} threads say that they are in a ready queue, {} are", ready, queued));
    }
    const Tcb* const current = census.current == 0 ? nullptr : census.living<Tcb>(census.current);
    if (best && (current == nullptr || current->priority < *best)) {
        found.push_back(std::format("a thread of priority {} waits while {} runs", *best,
                                    current == nullptr ? "nobody" : "one of lower priority"));
    }
}

void check_bound_notifications(const Census& census, Found& found) {
    for (const auto& tcb : census.tcbs) {
        const std::uint64_t link = frame::detail::LinkAccess::peer(tcb.object->block.links.notification);
        if (link == 0) {
            continue;
        }
        const auto offset = link_target(link);
        auto* const notification = offset ? census.living<kernel::Notification>(*offset) : nullptr;
        if (notification == nullptr ||
            link_target(frame::detail::LinkAccess::peer(notification->links.bound)) != tcb.offset) {
            found.push_back(
                std::format("the thread {:#x} is bound to a notification that is not bound to it", tcb.offset));
        }
    }
    for (const auto& notification : census.notifications) {
        const std::uint64_t link = frame::detail::LinkAccess::peer(notification.object->links.bound);
        if (link == 0) {
            continue;
        }
        const auto offset = link_target(link);
        auto* const tcb = offset ? census.living<Tcb>(*offset) : nullptr;
        if (tcb == nullptr ||
            link_target(frame::detail::LinkAccess::peer(tcb->block.links.notification)) != notification.offset) {
            found.push_back(std::format("the notification {:#x} is bound to a thread that is not bound to it",
                                        notification.offset));
        }
    }
}

void check_core(const Census& census, Found& found) {
    using frame::detail::CoreAccess;
    frame::Core& core = CoreAccess::this_core();
    const auto is_live_thread = [&](std::uint64_t link) {
        const auto offset = link_target(link);
        return offset.has_value() && census.living<Tcb>(*offset) != nullptr && !census.is_zombie(*offset);
    };
    if (CoreAccess::candidate(core) != 0) {
        found.push_back("a thread is still considered for the next switch");
    }
    if (const std::uint64_t owner = CoreAccess::fpu_owner(core); owner != 0 && !is_live_thread(owner)) {
        found.push_back("the FPU holds the state of a thread that is dead");
    }
    const std::uint64_t root_offset = CoreAccess::root_offset(core);
    // That it is the running thread's is checked at every switch (frame/host/processor.cpp).
    if (root_offset != 0 && census.living<frame::Pml4>(root_offset) == nullptr) {
        found.push_back("the loaded root is dead");
    } else if (root_offset != 0) {
        const auto vspace = frame::VSpace::of(census.phase, frame::host::Mmu::instance().loaded_asid());
        if (!vspace || frame::detail::RefFactory::offset(vspace->root()) != root_offset ||
            frame::host::Mmu::instance().loaded_root().value() != root_offset) {
            found.push_back(std::format("the loaded root {:#x} is not the one that its ASID names", root_offset));
        }
    }
    const std::uint64_t context = CoreAccess::context(core);
    if (context == 0) {
        return;
    }
    if (!is_live_thread(context)) {
        found.push_back("the running thread is dead");
        return;
    }
    Tcb& tcb = *census.living<Tcb>(census.current);
    if (tcb.state != ThreadState::running) {
        found.push_back(
            std::format("the running thread {:#x} is in state {}", census.current, static_cast<int>(tcb.state)));
    }
    if (tcb.domain != kernel::scheduler(census.phase).current_domain()) {
        found.push_back("the running thread belongs to another domain");
    }
}

void check_thread_list(const Census& census, Found& found) {
    const auto members = walk(census, words_of_queue(census.phase.state<kernel::ThreadList>().threads), list_hook,
                              is_listed, QueueName{"list of all threads", 0}, found);
    std::size_t expected = 0;
    for (const auto& tcb : census.tcbs) {
        const bool is_linked = is_listed(*tcb.object);
        expected += is_linked ? 1 : 0;
        if (is_linked == census.is_zombie(tcb.offset)) {
            found.push_back(std::format("the thread {:#x} {} in the list of all threads", tcb.offset,
                                        is_linked ? "is still" : "is not"));
        }
    }
    if (members.size() != expected) {
        found.push_back(std::format("the list has {} threads, {} say that they are in it", members.size(), expected));
    }
}

}  // namespace test
