// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/fastpath.hpp"

#include "kernel/cap/lookup.hpp"
#include "kernel/debug/paths.hpp"
#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/fault.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// Copies a message that is longer than the registers, as far as there are buffers; says how many words it has then.
[[gnu::noinline]] std::uint64_t copy_long(const frame::Phase& phase, frame::Ref<Tcb> from, frame::Ref<Tcb> to,
                                          std::uint64_t words) {
    return outgoing(phase, from).copy_to(incoming(phase, to), words);
}

/// Copies up to four words.
void copy_short(const frame::UserContext& from, frame::UserContext& to, std::uint64_t words) {
    using enum frame::Register;
    static_assert(abi::message::register_count == 4);
    to.set<r10>(from.get<r10>());
    if (words > 1) {
        to.set<r8>(from.get<r8>());
        if (words > 2) {
            to.set<r9>(from.get<r9>());
            if (words > 3) {
                to.set<r15>(from.get<r15>());
            }
        }
    }
}

/// Gives `to` the words of a message without capabilities; returns the message info as it sees it.
[[gnu::always_inline]] std::uint64_t pass_words(const frame::Phase& phase, frame::Ref<Tcb> from, frame::Ref<Tcb> to,
                                                std::uint64_t message_info) {
    const std::uint64_t words = abi::message_info::length(message_info);
    if (words == abi::message::register_count) {
        copy_short(from->context(), to->context(), abi::message::register_count);
    } else if (words != 0) {
        if (words > abi::message::register_count) [[unlikely]] {
            return abi::message_info::make(abi::message_info::label(message_info), 0, 0,
                                           copy_long(phase, from, to, words));
        }
        copy_short(from->context(), to->context(), words);
    }
    return abi::message_info::make(abi::message_info::label(message_info), 0, 0, words);
}

/// `caller` waits for the reply of `server`, which goes on in its place.
void await_reply_of(const frame::Phase& phase, frame::Ref<Tcb> caller, frame::Ref<Tcb> server) {
    server->slot(phase, frame::TcbSlot::caller)
        .insert_reply(caller->slot(phase, frame::TcbSlot::reply), server->receives_with_grant);
    caller->state = ThreadState::blocked_on_reply;
    server->state = ThreadState::running;
    scheduler(phase).hand_over(phase, server);
}

/// The answer of `handler`, with label 0, to the fault of `tcb`, which goes on.
[[gnu::noinline]] void let_go_on(const frame::Phase& phase, frame::Ref<Tcb> tcb, frame::Ref<Tcb> handler) {
    frame::check(apply_fault_reply(phase, tcb, handler), "an answer with label 0 did not let a thread go on");
    tcb->fault = Fault{};
    tcb->context().resume_at_fault_ip();
}

/// The thread that waits to receive at an endpoint, if it would run next.
std::optional<frame::Ref<Tcb>> next_receiver(const frame::Phase& phase [[clang::lifetimebound]], frame::Ref<Tcb> sender,
                                             const Endpoint& endpoint) {
    const std::optional<frame::Ref<Tcb>> receiver =
        endpoint.links.queue.front_in(phase, frame::EndpointState::receiving);
    if (!receiver || !scheduler(phase).may_hand_over(sender, *receiver)) {
        return std::nullopt;
    }
    return receiver;
}

}  // namespace

[[gnu::always_inline, gnu::flatten]] bool call_fast(const frame::Phase& phase, frame::Ref<Tcb> caller,
                                                    frame::SlotRef slot, std::uint64_t message_info) {
    const std::optional<frame::EndpointCap> cap = frame::EndpointCap::to_call(slot.capability());
    if (!cap || has_capabilities(message_info)) {
        return false;
    }
    const frame::Ref<Endpoint> endpoint = cap->endpoint(phase);
    // A thread that was resumed without an answer to its fault still sends that fault next, whatever it calls.
    if (!caller->fault.is_none()) {
        return false;
    }
    const std::optional<frame::Ref<Tcb>> server = next_receiver(phase, caller, *endpoint);
    if (!server) {
        return false;
    }
    endpoint->links.queue.remove_front();
    set_message_head(**server, cap->badge(), pass_words(phase, caller, *server, message_info));
    await_reply_of(phase, caller, *server);
    return true;
}

[[gnu::always_inline, gnu::flatten]] bool reply_and_receive_fast(const frame::Phase& phase, frame::Ref<Tcb> server,
                                                                 std::uint64_t message_info) {
    if (has_capabilities(message_info)) {
        return false;
    }
    const std::optional<frame::SlotRef> slot = find_called_slot(phase, server);
    if (!slot) {
        return false;
    }
    const std::optional<frame::EndpointCap> cap = frame::EndpointCap::to_receive(slot->capability());
    if (!cap) {
        return false;
    }
    const frame::Ref<Endpoint> endpoint = cap->endpoint(phase);
    if (endpoint->links.queue.is(frame::EndpointState::sending)) {
        return false;
    }
    if (const std::optional<frame::Ref<Notification>> bound = server->block.links.notification.get(phase);
        bound.has_value() && (*bound)->links.queue.is(frame::NotificationState::active)) {
        return false;
    }
    const frame::SlotRef caller_slot = server->slot(phase, frame::TcbSlot::caller);
    const std::optional<frame::ReplyCap> reply = frame::ReplyCap::of_server(caller_slot.capability());
    if (!reply) {
        return false;
    }
    const frame::Ref<Tcb> caller = reply->caller(phase);
    if (!scheduler(phase).may_hand_over(server, caller)) {
        return false;
    }
    if (Fault::are_none(server->fault, caller->fault)) {
        caller_slot.clear_reply();
        set_message_head(*caller, frame::no_badge, pass_words(phase, server, caller, message_info));
        frame::mark<Taken::reply_recv_fast>();
    } else {
        // A server that was resumed without an answer to its own fault replies with that, whatever it says. And with
        // another label than 0 the handler may want the thread to stay where it is.
        if (!server->fault.is_none() || abi::message_info::label(message_info) != 0) {
            return false;
        }
        caller_slot.clear_reply();
        let_go_on(phase, caller, server);
        frame::mark<Taken::reply_recv_fast_fault>();
    }
    server->receives_with_grant = cap->can_grant();
    server->state = ThreadState::blocked_on_receive;
    endpoint->links.queue.push_back(endpoint, server, frame::EndpointState::receiving);
    caller->state = ThreadState::running;
    scheduler(phase).hand_over(phase, caller);
    return true;
}

[[gnu::always_inline]] bool signal_fast(const frame::Phase& phase, frame::SlotRef slot, std::uint64_t message_info) {
    if (has_capabilities(message_info)) {
        return false;
    }
    const std::optional<frame::NotificationCap> cap = slot.capability().as<frame::NotificationCap>();
    if (!cap || !cap->can_send()) {
        return false;
    }
    signal(phase, cap->notification(phase), cap->badge());
    return true;
}

bool deliver_fault_fast(const frame::Phase& phase, frame::Ref<Tcb> tcb, const frame::EndpointCap& handler) {
    if (!scheduler(phase).is_undecided()) {
        return false;
    }
    const frame::Ref<Endpoint> endpoint = handler.endpoint(phase);
    const std::optional<frame::Ref<Tcb>> server = next_receiver(phase, tcb, *endpoint);
    if (!server) {
        return false;
    }
    endpoint->links.queue.remove_front();
    const std::uint64_t length = write_fault_message(tcb, incoming(phase, *server));
    set_message_head(**server, handler.badge(), abi::message_info::make(abi::number(tcb->fault.type), 0, 0, length));
    await_reply_of(phase, tcb, *server);
    return true;
}

}  // namespace kernel
