// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/api/system_call.hpp"

#include <utility>

#include <frame/core.hpp>
#include "kernel/api/dispatch.hpp"
#include "kernel/api/reply.hpp"
#include "kernel/cap/lookup.hpp"
#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/fault.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/object/interrupt.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// The kernel stopped working for the thread because an interrupt waits: here it is.
void take_waiting_interrupt(const frame::Phase& phase) {
    if (const std::optional<std::uint32_t> vector = frame::take_interrupt()) {
        handle_interrupt(phase, *vector);
    }
}

void receive_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::uint64_t address, const LookupFault& lookup) {
    deliver_fault(phase, tcb, Fault::capability(address, true), lookup);
}

/// A capability address to invoke, or in the message, leads nowhere: a fault for those who wait for an answer.
[[gnu::noinline]] void send_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::uint64_t address,
                                  InvokedBy how) {
    if (how != InvokedBy::nb_send) {
        deliver_fault(phase, tcb, Fault::capability(address, false), lookup_slot(phase, tcb, address).error());
    }
}

/// Performs an invocation and answers the caller, if it lives and waits for that.
[[gnu::always_inline]] void carry_out(frame::Entry& entry, frame::Phase&& invoking, frame::Ref<Tcb> invoker,
                                      std::optional<frame::SlotRef> slot, std::uint64_t address,
                                      std::uint64_t message_info, InvokedBy how) {
    if (!slot) [[unlikely]] {
        send_fault(invoking, invoker, address, how);
        return;
    }
    const std::optional<frame::IpcBuffer> buffer = ipc_buffer(invoking, invoker, false);
    const MessageCaps extra =
        has_capabilities(message_info) ? lookup_extra_caps(invoking, invoker, buffer, message_info) : MessageCaps{};
    if (!extra.is_complete) [[unlikely]] {
        send_fault(invoking, invoker, extra.bad_address, how);
        return;
    }
    const Invocation invocation{
        invoker, *slot, message_info, extra.caps, buffer, how != InvokedBy::nb_send, how == InvokedBy::call};
    const Outcome outcome = dispatch(std::move(invoking), invocation);
    const frame::Phase phase = entry.begin();
    if (!outcome && outcome.error().is_preemption()) [[unlikely]] {
        take_waiting_interrupt(phase);
        return;
    }
    const std::optional<frame::Ref<Tcb>> caller = frame::this_core(phase).current(phase);
    if (!caller) [[unlikely]] {
        return;  // it deleted itself
    }
    const bool is_call = how == InvokedBy::call;
    if (!outcome) [[unlikely]] {
        if (is_call) {
            reply_error(phase, *caller, outcome.error().error());
        }
        return;
    }
    if ((*caller)->is_runnable()) {
        if (is_call) {
            reply_success(phase, *caller, *outcome);
        }
        (*caller)->state = ThreadState::running;
    }
}

void finish(const frame::Phase& phase) { scheduler(phase).finish_entry(phase); }

}  // namespace

[[gnu::noinline]] void invoke(frame::Entry& entry, frame::Phase&& invoking, frame::Ref<Tcb> invoker,
                              frame::MaybeSlot slot, InvokedBy how) {
    const std::uint64_t address = invoker->context().get<call_register::capability>();
    const std::uint64_t message_info = invoker->context().get<call_register::info>();
    carry_out(entry, std::move(invoking), invoker, slot.get(), address, message_info, how);
    finish(entry.begin());
}

void receive_at(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::uint64_t address, bool blocking) {
    const std::optional<frame::SlotRef> slot = find_slot(phase, tcb, address);
    if (!slot) {
        receive_fault(phase, tcb, address, lookup_slot(phase, tcb, address).error());
        return;
    }
    const frame::Capability cap = slot->capability();
    if (const std::optional<frame::EndpointCap> endpoint = frame::EndpointCap::to_receive(cap)) {
        // A caller that was not answered by now cannot be any more.
        if (const frame::SlotRef caller = tcb->slot(phase, frame::TcbSlot::caller); !caller.is_empty()) {
            caller.clear();
        }
        receive(phase, tcb, endpoint->endpoint(phase), Receiving{.blocking = blocking, .grant = endpoint->can_grant()});
        return;
    }
    if (const std::optional<frame::NotificationCap> notification = cap.as<frame::NotificationCap>();
        notification.has_value() && notification->can_receive()) {
        const frame::Ref<Notification> object = notification->notification(phase);
        const std::optional<frame::Ref<Tcb>> bound = object->links.bound.get(phase);
        if (!bound || *bound == tcb) {
            wait(phase, tcb, object, blocking);
            return;
        }
    }
    receive_fault(phase, tcb, address, LookupFault::missing_capability(0));
}

void reply_to_caller(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    const frame::SlotRef slot = tcb->slot(phase, frame::TcbSlot::caller);
    if (const std::optional<frame::ReplyCap> cap = slot.capability().as<frame::ReplyCap>()) {
        reply(phase, tcb, slot, *cap);
    }
}

}  // namespace kernel
