// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/fastpath.hpp"

#include "kernel/cap/lookup.hpp"
#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/fault.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// Message in registers, no capabilities.
bool is_short(std::uint64_t message_info) {
    // Both at once: a message with capabilities is a larger number than any length.
    constexpr std::uint64_t counts =
        abi::message_info::make(0, 0, abi::message_info::extra_caps_mask, abi::message_info::length_mask);
    static_assert(abi::message_info::make(0, 0, 1, 0) > abi::message_info::length_mask);
    return (message_info & counts) <= abi::message::register_count;
}

/// The message info as the receiver of a short message sees it.
std::uint64_t received_info(std::uint64_t message_info) {
    return abi::message_info::make(abi::message_info::label(message_info), 0, 0,
                                   abi::message_info::length(message_info));
}

/// Copies as many registers as the message says.
void copy_registers(const frame::UserContext& from, frame::UserContext& to, std::uint64_t message_info) {
    using enum frame::Register;
    const std::uint64_t words = abi::message_info::length(message_info);
    if (words == 0) {
        return;
    }
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

/// `caller` waits for the reply of `server`, which goes on in its place.
void await_reply_of(const frame::Phase& phase, frame::Ref<Tcb> caller, frame::Ref<Tcb> server) {
    server->slot(phase, frame::TcbSlot::caller)
        .insert_reply(caller->slot(phase, frame::TcbSlot::reply), server->receives_with_grant);
    caller->state = ThreadState::blocked_on_reply;
    server->state = ThreadState::running;
    scheduler(phase).hand_over(phase, server);
}

/// The thread that waits to receive at an endpoint, if it would run next.
std::optional<frame::Ref<Tcb>> next_receiver(const frame::Phase& phase [[clang::lifetimebound]], frame::Ref<Tcb> sender,
                                             const Endpoint& endpoint) {
    if (endpoint.links.queue.state() != frame::EndpointState::receiving) {
        return std::nullopt;
    }
    const std::optional<frame::Ref<Tcb>> receiver = endpoint.links.queue.front(phase);
    if (!receiver || !scheduler(phase).may_hand_over(sender, *receiver)) {
        return std::nullopt;
    }
    return receiver;
}

}  // namespace

[[gnu::always_inline, gnu::flatten]] bool call_fast(const frame::Phase& phase, frame::Ref<Tcb> caller,
                                                    frame::SlotRef slot, std::uint64_t message_info) {
    const frame::Capability invoked = slot.capability();
    if (!is_short(message_info) || !frame::EndpointCap::can_be_called(invoked)) {
        return false;
    }
    const std::optional<frame::EndpointCap> cap = invoked.as<frame::EndpointCap>();
    if (!cap) {
        return false;
    }
    const frame::Ref<Endpoint> endpoint = cap->endpoint(phase);
    // A thread that was resumed without an answer to its fault still sends that fault next, whatever it calls.
    if (caller->fault.type != abi::FaultType::NullFault) {
        return false;
    }
    const std::optional<frame::Ref<Tcb>> server = next_receiver(phase, caller, *endpoint);
    if (!server) {
        return false;
    }
    endpoint->links.queue.remove_front();
    copy_registers(caller->context(), (*server)->context(), message_info);
    set_message_head(**server, cap->badge(), received_info(message_info));
    await_reply_of(phase, caller, *server);
    return true;
}

[[gnu::always_inline, gnu::flatten]] bool reply_and_receive_fast(const frame::Phase& phase, frame::Ref<Tcb> server,
                                                                 std::uint64_t address, std::uint64_t message_info) {
    if (!is_short(message_info)) {
        return false;
    }
    const std::optional<frame::SlotRef> slot = find_slot(phase, server, address);
    if (!slot) {
        return false;
    }
    const std::optional<frame::EndpointCap> cap = slot->capability().as<frame::EndpointCap>();
    if (!cap || !cap->can_receive()) {
        return false;
    }
    const frame::Ref<Endpoint> endpoint = cap->endpoint(phase);
    if (endpoint->links.queue.state() == frame::EndpointState::sending) {
        return false;
    }
    if (const std::optional<frame::Ref<Notification>> bound = server->block.links.notification.get(phase);
        bound.has_value() && (*bound)->links.queue.state() == frame::NotificationState::active) {
        return false;
    }
    const frame::SlotRef caller_slot = server->slot(phase, frame::TcbSlot::caller);
    const std::optional<frame::ReplyCap> reply = caller_slot.capability().as<frame::ReplyCap>();
    if (!reply) {
        return false;
    }
    const frame::Ref<Tcb> caller = reply->caller(phase);
    if (!scheduler(phase).may_hand_over(server, caller)) {
        return false;
    }
    if (caller->fault.type == abi::FaultType::NullFault) {
        caller_slot.clear_reply();
        copy_registers(server->context(), caller->context(), message_info);
        set_message_head(*caller, frame::no_badge, received_info(message_info));
    } else {
        if (abi::message_info::label(message_info) != 0) {
            return false;  // the handler may want the thread to stay where it is
        }
        caller_slot.clear_reply();
        frame::check(apply_fault_reply(phase, caller, server), "an answer with label 0 did not let a thread go on");
        caller->fault = Fault{};
        caller->context().resume_at_fault_ip();
    }
    server->receives_with_grant = cap->can_grant();
    server->state = ThreadState::blocked_on_receive;
    endpoint->links.queue.push_back(endpoint, server, frame::EndpointState::receiving);
    caller->state = ThreadState::running;
    scheduler(phase).hand_over(phase, caller);
    return true;
}

[[gnu::always_inline]] bool signal_fast(const frame::Phase& phase, frame::SlotRef slot, std::uint64_t message_info) {
    if (abi::message_info::extra_caps(message_info) != 0) {
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
