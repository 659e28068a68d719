// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/object/tcb_invocation.hpp"

#include <utility>

#include "kernel/debug/breakpoint.hpp"
#include "kernel/object/notification.hpp"
#include "kernel/object/thread.hpp"

namespace kernel {

namespace {

Outcome bind_notification(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    const std::optional<frame::SlotRef> slot =
        invocation.extra_cap(abi::args::tcb_bind_notification::caps::notification);
    if (!slot) {
        return error::truncated_message();
    }
    const std::optional<frame::NotificationCap> cap = slot->capability().as<frame::NotificationCap>();
    if (tcb->block.links.notification.is_bound() || !cap || !cap->can_receive()) {
        return error::illegal_operation();
    }
    const frame::Ref<Notification> notification = cap->notification(phase);
    if (!notification->links.queue.is_empty() || notification->links.bound.is_bound()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    frame::bind(tcb, notification);
    return Done{};
}

Outcome unbind_notification(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    if (!tcb->block.links.notification.is_bound()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    frame::unbind(tcb);
    return Done{};
}

}  // namespace

Outcome invoke_tcb(frame::Phase&& phase, const Invocation& invocation) {
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (!label) {
        return error::illegal_operation();
    }
    const frame::Ref<Tcb> tcb = invocation.slot().capability().as<frame::ThreadCap>().value().tcb(phase);
    using enum abi::InvocationLabel;
    if (label == TCBReadRegisters) {
        return read_registers(phase, invocation, tcb);
    }
    if (label == TCBWriteRegisters) {
        return write_registers(phase, invocation, tcb);
    }
    if (label == TCBCopyRegisters) {
        return copy_registers(phase, invocation, tcb);
    }
    if (label == TCBSuspend) {
        invocation.commit(phase);
        suspend(phase, tcb);
        return Done{};
    }
    if (label == TCBResume) {
        invocation.commit(phase);
        resume(phase, tcb);
        return Done{};
    }
    if (label == TCBConfigure) {
        return configure(std::move(phase), invocation);
    }
    if (label == TCBSetSpace) {
        return set_space(std::move(phase), invocation);
    }
    if (label == TCBSetIPCBuffer) {
        return set_ipc_buffer(std::move(phase), invocation);
    }
    if (label == TCBSetPriority) {
        return set_priority(phase, invocation, tcb);
    }
    if (label == TCBSetMCPriority) {
        return set_mc_priority(phase, invocation, tcb);
    }
    if (label == TCBSetSchedParams) {
        return set_sched_params(phase, invocation, tcb);
    }
    if (label == TCBBindNotification) {
        return bind_notification(phase, invocation, tcb);
    }
    if (label == TCBUnbindNotification) {
        return unbind_notification(phase, invocation, tcb);
    }
    if (label == TCBSetTLSBase) {
        return set_tls_base(phase, invocation, tcb);
    }
    if (label == TCBSetFlags) {
        return set_flags(phase, invocation, tcb);
    }
    if constexpr (abi::config::hardware_debug_api) {
        return invoke_debugging(phase, invocation, tcb);
    }
    return error::illegal_operation();
}

}  // namespace kernel
