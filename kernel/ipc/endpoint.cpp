// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/endpoint.hpp"

#include "kernel/cap/finalise.hpp"
#include "kernel/ipc/fault.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/ipc/transfer.hpp"
#include "kernel/ipc/wake_all.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

using frame::EndpointState;

/// Takes the first waiting thread out of the queue.
frame::Ref<Tcb> take_first(const frame::Phase& phase [[clang::lifetimebound]], Endpoint& endpoint) {
    const frame::Ref<Tcb> first = endpoint.links.queue.front(phase).value();
    endpoint.links.queue.remove_front();
    return first;
}

void wait_at(const frame::Phase& phase, frame::Ref<Tcb> tcb, frame::Ref<Endpoint> endpoint, ThreadState state,
             EndpointState queue_state) {
    scheduler(phase).set_state(phase, tcb, state);
    endpoint->links.queue.push_back(endpoint, tcb, queue_state);
}

/// Leaves a caller waiting for the reply that `server` can now give.
void await_reply(const frame::Phase& phase, frame::Ref<Tcb> caller, frame::Ref<Tcb> server, bool grant) {
    scheduler(phase).set_state(phase, caller, ThreadState::blocked_on_reply);
    server->slot(phase, frame::TcbSlot::caller).insert_reply(caller->slot(phase, frame::TcbSlot::reply), grant);
}

/// What a sender does once its message was taken: a caller waits for the reply, if the receiver can have the means.
void after_sending(const frame::Phase& phase, frame::Ref<Tcb> caller, frame::Ref<Tcb> server, bool may_be_answered,
                   bool grant) {
    if (may_be_answered) {
        await_reply(phase, caller, server, grant);
    } else {
        scheduler(phase).set_state(phase, caller, ThreadState::inactive);
    }
}

void leave_queue(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    if (const std::optional<frame::Ref<Endpoint>> endpoint = tcb->block.links.wait.endpoint(phase)) {
        (*endpoint)->links.queue.remove(tcb);
    }
    if (const std::optional<frame::Ref<Notification>> notification = tcb->block.links.wait.notification(phase)) {
        (*notification)->links.queue.remove(tcb);
    }
}

}  // namespace

void send(const frame::Phase& phase, frame::Ref<Tcb> sender, frame::Ref<Endpoint> endpoint, const Sending& how) {
    if (endpoint->links.queue.state() != EndpointState::receiving) {
        if (how.blocking) {
            sender->sends_badge = how.badge;
            sender->sends_with_grant = how.grant;
            sender->sends_with_grant_reply = how.grant_reply;
            sender->sends_as_call = how.call;
            wait_at(phase, sender, endpoint, ThreadState::blocked_on_send, EndpointState::sending);
        }
        return;
    }
    const frame::Ref<Tcb> receiver = take_first(phase, *endpoint);
    transfer(phase, sender, endpoint, how.badge, how.grant, receiver);
    const bool reply_with_grant = receiver->receives_with_grant;
    scheduler(phase).set_state(phase, receiver, ThreadState::running);
    scheduler(phase).consider(phase, receiver);
    if (how.call) {
        after_sending(phase, sender, receiver, how.grant || how.grant_reply, reply_with_grant);
    }
}

void receive(const frame::Phase& phase, frame::Ref<Tcb> receiver, frame::Ref<Endpoint> endpoint, const Receiving& how) {
    if (const std::optional<frame::Ref<Notification>> bound = receiver->block.links.notification.get(phase);
        bound.has_value() && (*bound)->links.queue.state() == frame::NotificationState::active) {
        take_signal(receiver, *bound);
        return;
    }
    if (endpoint->links.queue.state() != EndpointState::sending) {
        if (how.blocking) {
            receiver->receives_with_grant = how.grant;
            wait_at(phase, receiver, endpoint, ThreadState::blocked_on_receive, EndpointState::receiving);
        } else {
            transfer_nothing(*receiver);
        }
        return;
    }
    const frame::Ref<Tcb> sender = take_first(phase, *endpoint);
    transfer(phase, sender, endpoint, sender->sends_badge, sender->sends_with_grant, receiver);
    if (sender->sends_as_call) {
        after_sending(phase, sender, receiver, sender->sends_with_grant || sender->sends_with_grant_reply, how.grant);
    } else {
        scheduler(phase).set_state(phase, sender, ThreadState::running);
        scheduler(phase).consider(phase, sender);
    }
}

void reply(const frame::Phase& phase, frame::Ref<Tcb> sender, frame::SlotRef slot, const frame::ReplyCap& cap) {
    const frame::Ref<Tcb> caller = cap.caller(phase);
    if (caller->fault.is_none()) {
        transfer(phase, sender, std::nullopt, frame::no_badge, cap.can_grant(), caller);
        delete_simple(phase, slot);
        scheduler(phase).set_state(phase, caller, ThreadState::running);
        scheduler(phase).consider(phase, caller);
        return;
    }
    delete_simple(phase, slot);
    const bool goes_on = apply_fault_reply(phase, caller, sender);
    caller->fault = Fault{};
    if (goes_on) {
        scheduler(phase).set_state(phase, caller, ThreadState::restart);
        scheduler(phase).consider(phase, caller);
    } else {
        scheduler(phase).set_state(phase, caller, ThreadState::inactive);
    }
}

void cancel_ipc(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    switch (tcb->state) {
    case ThreadState::blocked_on_send:
    case ThreadState::blocked_on_receive:
    case ThreadState::blocked_on_notification:
        leave_queue(phase, tcb);
        scheduler(phase).set_state(phase, tcb, ThreadState::inactive);
        return;
    case ThreadState::blocked_on_reply:
        tcb->fault = Fault{};
        if (const std::optional<frame::SlotRef> held = tcb->slot(phase, frame::TcbSlot::reply).first_child()) {
            delete_simple(phase, *held);
        }
        return;
    case ThreadState::inactive:
    case ThreadState::running:
    case ThreadState::restart:
        return;
    }
}

void cancel_all(const frame::Phase& phase, frame::Ref<Endpoint> endpoint) { wake_all(phase, endpoint->links.queue); }

void cancel_badged(const frame::Phase& phase, frame::Ref<Endpoint> endpoint, frame::Badge badge) {
    auto& queue = endpoint->links.queue;
    if (queue.state() != EndpointState::sending) {
        return;
    }
    Scheduler& queues = scheduler(phase);
    queue.take_matching(
        phase, [badge](frame::Ref<Tcb> sender) { return sender->sends_badge == badge; },
        [&queues](frame::Ref<Tcb> sender) { queues.wake_to_restart(sender); });
    queues.require_reschedule(phase);
}

}  // namespace kernel
