// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/api/dispatch.hpp"

#include <utility>

#include "kernel/cap/cnode.hpp"
#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/object/interrupt.hpp"
#include "kernel/object/io_port.hpp"
#include "kernel/object/tcb_invocation.hpp"
#include "kernel/object/untyped.hpp"
#include "kernel/sched/domain.hpp"
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

Outcome invoke_endpoint(const frame::Phase& phase, const Invocation& invocation, const frame::EndpointCap& cap) {
    if (!cap.can_send()) {
        return error::invalid_capability(0);
    }
    invocation.commit(phase);
    send(phase, invocation.caller(), cap.endpoint(phase),
         Sending{.badge = cap.badge(),
                 .blocking = invocation.is_blocking(),
                 .call = invocation.is_call(),
                 .grant = cap.can_grant(),
                 .grant_reply = cap.can_grant_reply()});
    return Done{};
}

Outcome invoke_notification(const frame::Phase& phase, const Invocation& invocation,
                            const frame::NotificationCap& cap) {
    if (!cap.can_send()) {
        return error::invalid_capability(0);
    }
    invocation.commit(phase);
    signal(phase, cap.notification(phase), cap.badge());
    return Done{};
}

Outcome invoke_reply(const frame::Phase& phase, const Invocation& invocation, const frame::ReplyCap& cap) {
    if (cap.is_master()) {
        return error::invalid_capability(0);
    }
    invocation.commit(phase);
    reply(phase, invocation.caller(), invocation.slot(), cap);
    return Done{};
}

}  // namespace

Outcome dispatch(frame::Phase&& phase, const Invocation& invocation) {
    const frame::Capability cap = invocation.slot().capability();
    switch (cap.tag()) {
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        return error::invalid_capability(0);
    case abi::CapabilityTag::Endpoint:
        return invoke_endpoint(phase, invocation, *cap.as<frame::EndpointCap>());
    case abi::CapabilityTag::Notification:
        return invoke_notification(phase, invocation, *cap.as<frame::NotificationCap>());
    case abi::CapabilityTag::Reply:
        return invoke_reply(phase, invocation, *cap.as<frame::ReplyCap>());
    case abi::CapabilityTag::Untyped:
        return invoke_untyped(std::move(phase), invocation);
    case abi::CapabilityTag::CNode:
        return invoke_cnode(std::move(phase), invocation);
    case abi::CapabilityTag::Thread:
        return invoke_tcb(std::move(phase), invocation);
    case abi::CapabilityTag::IrqControl:
        return invoke_irq_control(phase, invocation);
    case abi::CapabilityTag::IrqHandler:
        return invoke_irq_handler(phase, invocation);
    case abi::CapabilityTag::Domain:
        return invoke_domain(phase, invocation);
    case abi::CapabilityTag::IoPortControl:
        return invoke_io_port_control(phase, invocation);
    case abi::CapabilityTag::IoPort:
        return invoke_io_port(phase, invocation);
    case abi::CapabilityTag::Frame:
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::AsidPool:
    case abi::CapabilityTag::IoPageTable:
        return invoke_paging_capability(std::move(phase), invocation);
    }
    return error::invalid_capability(0);
}

}  // namespace kernel
