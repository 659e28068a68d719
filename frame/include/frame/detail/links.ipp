// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame {

namespace detail {

/// The list surgery behind the queues, on thread blocks: each thread's block is the first member of its TCB. "Addresses"
/// here are links (identity.hpp).
struct LinkAccess {
    static ThreadBlock* block(std::uint64_t address) {
        // SAFETY: queue words hold addresses of live TCBs only: a TCB leaves every queue before it is retired.
        return object_at<ThreadBlock>(linked_address(address));
    }
    template <class T>
    static std::uint64_t address(Ref<T> ref) {
        return link_to_address(window_address(RefFactory::pointer(ref)));
    }
    /// An endpoint and a notification start with their links, and these with their queue.
    template <class Owner, class Queue>
    static bool is_first_member(Ref<Owner> owner, const Queue& queue) {
        const void* const start = RefFactory::pointer(owner);
        return start == &queue;
    }
    static Ref<kernel::Tcb> tcb(std::uint64_t address) {
        // SAFETY: as in `block`; a TCB and its block share their address.
        return RefFactory::from_pointer(object_at<kernel::Tcb>(linked_address(address)));
    }
    template <class T>
    static Ref<T> object(std::uint64_t address) {
        // SAFETY: the word was stored from a Ref<T>, and the link is emptied before that object is retired.
        return RefFactory::from_pointer(object_at<T>(linked_address(address)));
    }
    /// The hook of the thread at `address`, for queues of waiting threads.
    static WaitHook& wait_hook(std::uint64_t address) { return block(address)->links.wait; }
    static std::uint64_t& next(WaitHook& hook) { return hook.next_; }
    static std::uint64_t& previous(WaitHook& hook) { return hook.previous_; }
    static std::uint64_t& owner(WaitHook& hook) { return hook.owner_; }

    static std::uint64_t next(const QueueHook& hook) { return hook.next_ & ~QueueHook::linked_bit; }

    template <class HookOf>
    static void push_back(std::uint64_t& head, std::uint64_t& tail, std::uint64_t element, HookOf hook_of) {
        QueueHook& hook = hook_of(*block(element));
        check(!hook.is_linked(), "thread is in a queue already");
        hook.next_ = QueueHook::linked_bit;
        hook.previous_ = tail;
        if (tail != 0) {
            hook_of(*block(tail)).next_ = element | QueueHook::linked_bit;
        } else {
            head = element;
        }
        tail = element;
    }
    template <class HookOf>
    static void push_front(std::uint64_t& head, std::uint64_t& tail, std::uint64_t element, HookOf hook_of) {
        QueueHook& hook = hook_of(*block(element));
        check(!hook.is_linked(), "thread is in a queue already");
        hook.next_ = head | QueueHook::linked_bit;
        hook.previous_ = 0;
        if (head != 0) {
            hook_of(*block(head)).previous_ = element;
        } else {
            tail = element;
        }
        head = element;
    }
    template <class HookOf>
    static void remove(std::uint64_t& head, std::uint64_t& tail, std::uint64_t element, HookOf hook_of) {
        QueueHook& hook = hook_of(*block(element));
        check(hook.is_linked(), "thread is not in a queue");
        const std::uint64_t next_address = next(hook);
        if (hook.previous_ != 0) {
            hook_of(*block(hook.previous_)).next_ = next_address | QueueHook::linked_bit;
        } else {
            check(head == element, "thread is in another queue");
            head = next_address;
        }
        if (next_address != 0) {
            hook_of(*block(next_address)).previous_ = hook.previous_;
        } else {
            check(tail == element, "thread is in another queue");
            tail = hook.previous_;
        }
        hook.next_ = 0;
        hook.previous_ = 0;
    }
    /// Empties the hook of a queue's first element, behind which there is another, which is the first then. Returns that.
    template <class HookOf>
    static std::uint64_t release_first(std::uint64_t element, HookOf hook_of) {
        QueueHook& hook = hook_of(*block(element));
        const std::uint64_t behind = next(hook);
        hook.next_ = 0;
        hook_of(*block(behind)).previous_ = 0;
        return behind;
    }
    template <class T>
    static std::uint64_t& peer(Peer<T>& peer) {
        return peer.other_;
    }
    template <class T>
    static std::uint64_t peer(const Peer<T>& peer) {
        return peer.other_;
    }
};

template <class Owner>
inline constexpr std::uint64_t owner_tag = 0;
template <>
inline constexpr std::uint64_t owner_tag<kernel::Notification> = 1;

}  // namespace detail

inline std::optional<Ref<kernel::Endpoint>> WaitHook::endpoint(const Phase& phase) const {
    (void)phase;
    if (owner_ == 0 || (owner_ & notification_bit) != 0) {
        return std::nullopt;
    }
    return detail::LinkAccess::object<kernel::Endpoint>(owner_);
}

inline std::optional<Ref<kernel::Notification>> WaitHook::notification(const Phase& phase) const {
    (void)phase;
    if ((owner_ & notification_bit) == 0) {
        return std::nullopt;
    }
    return detail::LinkAccess::object<kernel::Notification>(owner_ & ~notification_bit);
}

template <class Other>
std::optional<Ref<Other>> Peer<Other>::get(const Phase& phase) const {
    (void)phase;
    if (other_ == 0) {
        return std::nullopt;
    }
    return detail::LinkAccess::object<Other>(other_);
}

template <QueueHook TcbLinks::* hook>
std::optional<Ref<kernel::Tcb>> ThreadQueue<hook>::front(const Phase& phase) const {
    (void)phase;
    if (head_ == 0) {
        return std::nullopt;
    }
    return detail::LinkAccess::tcb(head_);
}

template <QueueHook TcbLinks::* hook>
std::optional<Ref<kernel::Tcb>> ThreadQueue<hook>::after(const Phase& phase, Ref<kernel::Tcb> tcb) const {
    (void)phase;
    const std::uint64_t address = detail::LinkAccess::address(tcb);
    const std::uint64_t next = detail::LinkAccess::next(detail::LinkAccess::block(address)->links.*hook);
    if (next == 0) {
        return std::nullopt;
    }
    return detail::LinkAccess::tcb(next);
}

template <QueueHook TcbLinks::* hook>
void ThreadQueue<hook>::push_front(Ref<kernel::Tcb> tcb) {
    detail::LinkAccess::push_front(head_, tail_, detail::LinkAccess::address(tcb),
                                   [](ThreadBlock& block) -> QueueHook& { return block.links.*hook; });
}

template <QueueHook TcbLinks::* hook>
void ThreadQueue<hook>::push_back(Ref<kernel::Tcb> tcb) {
    detail::LinkAccess::push_back(head_, tail_, detail::LinkAccess::address(tcb),
                                  [](ThreadBlock& block) -> QueueHook& { return block.links.*hook; });
}

template <QueueHook TcbLinks::* hook>
void ThreadQueue<hook>::remove(Ref<kernel::Tcb> tcb) {
    detail::LinkAccess::remove(head_, tail_, detail::LinkAccess::address(tcb),
                               [](ThreadBlock& block) -> QueueHook& { return block.links.*hook; });
}

template <QueueHook TcbLinks::* hook>
Ref<kernel::Tcb> ThreadQueue<hook>::take_turns(const Phase& phase, Ref<kernel::Tcb> tcb) {
    (void)phase;
    check(head_ != 0, "turns were taken with nobody");
    const std::uint64_t first = head_;
    const auto hook_of = [](ThreadBlock& block) -> QueueHook& { return block.links.*hook; };
    detail::LinkAccess::push_back(head_, tail_, detail::LinkAccess::address(tcb), hook_of);
    head_ = detail::LinkAccess::release_first(first, hook_of);
    return detail::LinkAccess::tcb(first);
}

template <class Owner, class State>
std::optional<Ref<kernel::Tcb>> WaitQueue<Owner, State>::front(const Phase& phase) const {
    (void)phase;
    if (is_empty()) {
        return std::nullopt;
    }
    return detail::LinkAccess::tcb(head_ & ~state_mask);
}

template <class Owner, class State>
std::optional<Ref<kernel::Tcb>> WaitQueue<Owner, State>::front_in(const Phase& phase, State state) const {
    (void)phase;
    check(is_waiting(state), "the first of no threads was asked for");
    if (!is(state)) {
        return std::nullopt;
    }
    return detail::LinkAccess::tcb(head_ & ~state_mask);
}

/// What the hooks of the threads in this queue say about whose it is.
template <class Owner, class State>
std::uint64_t WaitQueue<Owner, State>::owner_word() const {
    // The owner starts with this queue (push_back).
    return detail::link_to_address(detail::window_address(this)) | detail::owner_tag<Owner>;
}

template <class Owner, class State>
void WaitQueue<Owner, State>::push_back(Ref<Owner> owner, Ref<kernel::Tcb> tcb, State state) {
    using Links = detail::LinkAccess;
    check(Links::is_first_member(owner, *this), "a queue of waiting threads was used for another object");
    check(is_waiting(state), "a thread was put into the queue of those that do not wait");
    const std::uint64_t address = Links::address(tcb);
    WaitHook& hook = Links::wait_hook(address);
    check(!hook.is_linked(), "thread is in a queue already");
    Links::owner(hook) = owner_word();
    Links::next(hook) = 0;
    Links::previous(hook) = tail_;
    if (tail_ == 0) {
        head_ = address + static_cast<std::uint64_t>(state);
    } else {
        Links::next(Links::wait_hook(tail_)) = address;
        head_ = (head_ & ~state_mask) | static_cast<std::uint64_t>(state);
    }
    tail_ = address;
}

template <class Owner, class State>
void WaitQueue<Owner, State>::remove(Ref<kernel::Tcb> tcb) {
    using Links = detail::LinkAccess;
    WaitHook& hook = Links::wait_hook(Links::address(tcb));
    check(Links::owner(hook) == owner_word(), "thread is not in this queue");
    Links::owner(hook) = 0;
    const std::uint64_t before = Links::previous(hook);
    const std::uint64_t behind = Links::next(hook);
    if (before != 0) {
        Links::next(Links::wait_hook(before)) = behind;
    } else {
        head_ = behind == 0 ? 0 : behind | (head_ & state_mask);
    }
    if (behind != 0) {
        Links::previous(Links::wait_hook(behind)) = before;
    } else {
        tail_ = before;
    }
}

template <class Owner, class State>
void WaitQueue<Owner, State>::remove_front() {
    using Links = detail::LinkAccess;
    check(is_waiting(state()), "the first of no threads was taken out of a queue");
    WaitHook& hook = Links::wait_hook(head_ & ~state_mask);
    Links::owner(hook) = 0;
    const std::uint64_t behind = Links::next(hook);
    if (behind == 0) {
        head_ = 0;
        tail_ = 0;
    } else {
        Links::previous(Links::wait_hook(behind)) = 0;
        head_ = behind | (head_ & state_mask);
    }
}

template <class Owner, class State>
template <class Act>
std::uint64_t WaitQueue<Owner, State>::take_all(const Phase& phase, Act act) {
    (void)phase;
    using Links = detail::LinkAccess;
    std::uint64_t address = head_ & ~state_mask;
    head_ = 0;
    tail_ = 0;
    std::uint64_t taken = 0;
    while (address != 0) {
        WaitHook& hook = Links::wait_hook(address);
        const std::uint64_t behind = Links::next(hook);
        Links::owner(hook) = 0;
        act(Links::tcb(address));
        address = behind;
        ++taken;
    }
    return taken;
}

template <class Owner, class State>
template <class Matches, class Act>
void WaitQueue<Owner, State>::take_matching(const Phase& phase, Matches matches, Act act) {
    (void)phase;
    using Links = detail::LinkAccess;
    std::uint64_t address = head_ & ~state_mask;
    while (address != 0) {
        const std::uint64_t behind = Links::next(Links::wait_hook(address));
        const Ref<kernel::Tcb> tcb = Links::tcb(address);
        if (matches(tcb)) {
            remove(tcb);
            act(tcb);
        }
        address = behind;
    }
}

}  // namespace frame
