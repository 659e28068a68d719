// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <frame/ref.hpp>

/// Every long-lived link between kernel objects, in one list. Links are the only way in which one object names another
/// for longer than a phase, so this file is what death has to look at: an object is retired only when all links in and
/// to it are empty, and its block here knows them all. A link stays where it is: a copy, or one that is overwritten, would
/// be known to one side only.
namespace frame {

namespace detail {
struct LinkAccess;
struct ThreadBlockAccess;
}  // namespace detail

/// A place in a doubly linked queue of threads. All-zero: in no queue.
class QueueHook {
public:
    constexpr QueueHook() = default;
    QueueHook(const QueueHook&) = delete;
    QueueHook& operator=(const QueueHook&) = delete;

    [[nodiscard]] bool is_linked() const { return (next_ & linked_bit) != 0; }

private:
    friend struct detail::LinkAccess;
    static constexpr std::uint64_t linked_bit = 1;
    std::uint64_t next_ = 0;      ///< address of the next thread, with bit 0 set while linked
    std::uint64_t previous_ = 0;  ///< address of the previous thread, 0 for the first
};

/// A place in the queue of an endpoint or notification, with the way back to it.
class WaitHook {
public:
    constexpr WaitHook() = default;
    WaitHook(const WaitHook&) = delete;
    WaitHook& operator=(const WaitHook&) = delete;

    [[nodiscard]] bool is_linked() const { return owner_ != 0; }
    /// The endpoint that the thread waits at, if it waits at one.
    [[nodiscard]] std::optional<Ref<kernel::Endpoint>> endpoint(const Phase& phase [[clang::lifetimebound]]) const;
    /// The notification that the thread waits at, if it waits at one.
    [[nodiscard]] std::optional<Ref<kernel::Notification>> notification(const Phase& phase
                                                                        [[clang::lifetimebound]]) const;

private:
    friend struct detail::LinkAccess;
    static constexpr std::uint64_t notification_bit = 1;
    std::uint64_t next_ = 0;      ///< address of the next thread, 0 for the last; counts only while linked
    std::uint64_t previous_ = 0;  ///< address of the previous thread, 0 for the first; counts only while linked
    std::uint64_t owner_ = 0;     ///< address of the owner, bit 0 set for a notification; 0 while not linked
};

/// One end of a binding between two objects, each of which names the other. All-zero: unbound.
template <class Other>
class Peer {
public:
    constexpr Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    [[nodiscard]] bool is_bound() const { return other_ != 0; }
    [[nodiscard]] std::optional<Ref<Other>> get(const Phase& phase [[clang::lifetimebound]]) const;

private:
    friend struct detail::LinkAccess;
    std::uint64_t other_ = 0;
};

/// The links of a thread: all that may name it, apart from capabilities and the core that runs it.
struct TcbLinks {
    QueueHook ready;                          ///< in a ready queue
    WaitHook wait;                            ///< in the queue of an endpoint or notification
    Peer<kernel::Notification> notification;  ///< bound notification
    QueueHook all_threads;                    ///< in the list of all threads, for people who debug

    [[nodiscard]] bool are_empty() const {
        return !ready.is_linked() && !wait.is_linked() && !notification.is_bound() && !all_threads.is_linked();
    }
};

/// A first-in-first-out queue of threads that are linked through one hook. Owned by kernel state, which never dies.
template <QueueHook TcbLinks::* hook>
class ThreadQueue {
public:
    constexpr ThreadQueue() = default;
    ThreadQueue(const ThreadQueue&) = delete;
    ThreadQueue& operator=(const ThreadQueue&) = delete;

    [[nodiscard]] bool is_empty() const { return head_ == 0; }
    [[nodiscard]] std::optional<Ref<kernel::Tcb>> front(const Phase& phase [[clang::lifetimebound]]) const;
    /// The thread behind `tcb`, which is in this queue.
    [[nodiscard]] std::optional<Ref<kernel::Tcb>> after(const Phase& phase [[clang::lifetimebound]],
                                                        Ref<kernel::Tcb> tcb) const;
    void push_front(Ref<kernel::Tcb> tcb);
    void push_back(Ref<kernel::Tcb> tcb);
    /// Takes `tcb`, which is in this queue, out of it.
    void remove(Ref<kernel::Tcb> tcb);
    /// Puts `tcb` behind the others, of which there are some, and takes the first of them out: that one's turn has come.
    [[nodiscard]] Ref<kernel::Tcb> take_turns(const Phase& phase [[clang::lifetimebound]], Ref<kernel::Tcb> tcb);

private:
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
};

using ReadyQueue = ThreadQueue<&TcbLinks::ready>;
using AllThreads = ThreadQueue<&TcbLinks::all_threads>;

/// What an endpoint's queue holds (seL4 manual, 4.2).
enum class EndpointState : std::uint8_t { idle = 0, sending = 1, receiving = 2 };
/// What a notification is doing (seL4 manual, 5).
enum class NotificationState : std::uint8_t { idle = 0, waiting = 1, active = 2 };

/// Whether threads wait at an owner in this state.
[[nodiscard]] constexpr bool is_waiting(EndpointState state) { return state != EndpointState::idle; }
[[nodiscard]] constexpr bool is_waiting(NotificationState state) { return state == NotificationState::waiting; }

/// The queue of threads that wait at an endpoint or notification, with room for two bits of its owner's state (0 and one
/// for each bit), because an endpoint is two words in all. All-zero: empty, state 0. The state says whether
/// threads wait: joining and leaving the queue sets it, and nothing else can say that they do.
template <class Owner, class State>
class WaitQueue {
public:
    constexpr WaitQueue() = default;
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;

    [[nodiscard]] bool is_empty() const { return (head_ & ~state_mask) == 0; }
    [[nodiscard]] State state() const {
        // SAFETY: only set_state fills these bits, from an enumerator.
        return static_cast<State>(head_ & state_mask);
    }
    /// Goes from one state in which nobody waits to another.
    void set_state(State state) {
        check(is_empty() && !is_waiting(state), "a queue of waiting threads was said to be something else");
        head_ = static_cast<std::uint64_t>(state);
    }
    /// Whether it is in a state, which is not 0: each other one has a bit of its own.
    [[nodiscard]] bool is(State state) const { return (head_ & static_cast<std::uint64_t>(state)) != 0; }
    [[nodiscard]] std::optional<Ref<kernel::Tcb>> front(const Phase& phase [[clang::lifetimebound]]) const;
    /// The first thread, if threads wait in this state.
    [[nodiscard]] std::optional<Ref<kernel::Tcb>> front_in(const Phase& phase [[clang::lifetimebound]],
                                                           State state) const;
    /// Appends `tcb`, and sets the state, one in which threads wait; `owner` is the object that holds this queue.
    void push_back(Ref<Owner> owner, Ref<kernel::Tcb> tcb, State state);
    /// Takes a thread that waits here out of the queue. As always, a queue that is empty then is in state 0.
    void remove(Ref<kernel::Tcb> tcb);
    /// Takes the first thread, which there must be, out of the queue.
    void remove_front();
    /// Takes every thread out, first to last, and passes each on to `act`. Leaves the queue empty, in state 0. Returns how
    /// many there were.
    template <class Act>
    std::uint64_t take_all(const Phase& phase, Act act);
    /// Takes those out for which `matches` says so, and passes each on to `act`.
    template <class Matches, class Act>
    void take_matching(const Phase& phase, Matches matches, Act act);

private:
    static constexpr std::uint64_t state_mask = 3;
    [[nodiscard]] std::uint64_t owner_word() const;
    std::uint64_t head_ = 0;
    std::uint64_t tail_ = 0;
};

/// The links of an endpoint: the threads that wait at it.
struct EndpointLinks {
    WaitQueue<kernel::Endpoint, EndpointState> queue;
    [[nodiscard]] bool are_empty() const { return queue.is_empty(); }
};

/// The links of a notification: the threads that wait at it, and the one bound to it.
struct NotificationLinks {
    WaitQueue<kernel::Notification, NotificationState> queue;
    Peer<kernel::Tcb> bound;
    [[nodiscard]] bool are_empty() const { return queue.is_empty() && !bound.is_bound(); }
};

/// Binds a thread and a notification to each other; neither may be bound yet (seL4 manual, 5.3).
void bind(Ref<kernel::Tcb> tcb, Ref<kernel::Notification> notification);
/// Undoes `bind`; does nothing to an unbound thread.
void unbind(Ref<kernel::Tcb> tcb);

}  // namespace frame

#include <frame/thread_block.hpp>  // which ends with these functions' definitions: they work on thread blocks
