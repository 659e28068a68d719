// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/paths.hpp"

#include "kernel/cap/lookup.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/object/endpoint.hpp"
#include "kernel/object/notification.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// Whether a thread would run next, if `running` waited.
enum class Next : std::uint8_t { yes, other_domain, less_important };

Next would_run(const frame::Phase& phase, frame::Ref<Tcb> running, frame::Ref<Tcb> tcb) {
    if (scheduler(phase).may_hand_over(running, tcb)) {
        return Next::yes;
    }
    return abi::config::num_domains > 1 && tcb->domain != running->domain ? Next::other_domain : Next::less_important;
}

std::optional<frame::Ref<Tcb>> first_receiver(const frame::Phase& phase [[clang::lifetimebound]],
                                              const Endpoint& endpoint) {
    return endpoint.links.queue.front_in(phase, frame::EndpointState::receiving);
}

}  // namespace

void explain_call(const frame::Phase& phase, frame::Ref<Tcb> caller, const std::optional<frame::SlotRef>& slot,
                  std::uint64_t message_info) {
    if (!slot || slot->is_empty()) {
        return frame::mark<Taken::call_nothing_there>();
    }
    const std::optional<frame::EndpointCap> cap = slot->capability().as<frame::EndpointCap>();
    if (!cap) {
        return frame::mark<Taken::call_not_endpoint>();
    }
    if (!frame::EndpointCap::to_call(slot->capability())) {
        return frame::mark<Taken::call_no_right>();
    }
    if (has_capabilities(message_info)) {
        return frame::mark<Taken::call_capabilities>();
    }
    if (!caller->fault.is_none()) {
        return frame::mark<Taken::call_fault_pending>();
    }
    const frame::Ref<Endpoint> endpoint = cap->endpoint(phase);
    const std::optional<frame::Ref<Tcb>> server = first_receiver(phase, *endpoint);
    if (!server) {
        return frame::mark<Taken::call_no_receiver>();
    }
    switch (would_run(phase, caller, *server)) {
    case Next::other_domain:
        return frame::mark<Taken::call_other_domain>();
    case Next::less_important:
        return frame::mark<Taken::call_less_important>();
    case Next::yes:
        return frame::mark<Taken::call_unexplained>();
    }
}

void explain_reply_and_receive(const frame::Phase& phase, frame::Ref<Tcb> server, std::uint64_t address,
                               std::uint64_t message_info) {
    if (has_capabilities(message_info)) {
        return frame::mark<Taken::reply_recv_capabilities>();
    }
    const std::optional<frame::SlotRef> slot = find_slot(phase, server, address);
    if (!slot || slot->is_empty()) {
        return frame::mark<Taken::reply_recv_nothing_there>();
    }
    const std::optional<frame::EndpointCap> cap = frame::EndpointCap::to_receive(slot->capability());
    if (!cap) {
        return frame::mark<Taken::reply_recv_not_endpoint>();
    }
    const frame::Ref<Endpoint> endpoint = cap->endpoint(phase);
    if (endpoint->links.queue.is(frame::EndpointState::sending)) {
        return frame::mark<Taken::reply_recv_senders>();
    }
    if (const std::optional<frame::Ref<Notification>> bound = server->block.links.notification.get(phase);
        bound.has_value() && (*bound)->links.queue.is(frame::NotificationState::active)) {
        return frame::mark<Taken::reply_recv_notification>();
    }
    const std::optional<frame::ReplyCap> reply =
        frame::ReplyCap::of_server(server->slot(phase, frame::TcbSlot::caller).capability());
    if (!reply) {
        return frame::mark<Taken::reply_recv_nobody>();
    }
    const frame::Ref<Tcb> caller = reply->caller(phase);
    switch (would_run(phase, server, caller)) {
    case Next::other_domain:
        return frame::mark<Taken::reply_recv_other_domain>();
    case Next::less_important:
        return frame::mark<Taken::reply_recv_less_important>();
    case Next::yes:
        break;
    }
    if (!server->fault.is_none()) {
        return frame::mark<Taken::reply_recv_fault_pending>();
    }
    if (!caller->fault.is_none() && abi::message_info::label(message_info) != 0) {
        return frame::mark<Taken::reply_recv_fault_label>();
    }
    frame::mark<Taken::reply_recv_unexplained>();
}

void explain_signal(const std::optional<frame::SlotRef>& slot, std::uint64_t message_info) {
    if (!slot || slot->is_empty()) {
        return frame::mark<Taken::signal_nothing_there>();
    }
    const std::optional<frame::NotificationCap> cap = slot->capability().as<frame::NotificationCap>();
    if (!cap) {
        return frame::mark<Taken::signal_not_notification>();
    }
    if (!cap->can_send()) {
        return frame::mark<Taken::signal_no_right>();
    }
    if (has_capabilities(message_info)) {
        return frame::mark<Taken::signal_capabilities>();
    }
    frame::mark<Taken::signal_unexplained>();
}

void explain_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, const frame::EndpointCap& handler) {
    if (!scheduler(phase).is_undecided()) {
        return frame::mark<Taken::fault_decided>();
    }
    const frame::Ref<Endpoint> endpoint = handler.endpoint(phase);
    const std::optional<frame::Ref<Tcb>> server = first_receiver(phase, *endpoint);
    if (!server) {
        return frame::mark<Taken::fault_no_receiver>();
    }
    switch (would_run(phase, tcb, *server)) {
    case Next::other_domain:
        return frame::mark<Taken::fault_other_domain>();
    case Next::less_important:
        return frame::mark<Taken::fault_less_important>();
    case Next::yes:
        return frame::mark<Taken::fault_unexplained>();
    }
}

}  // namespace kernel
