// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/finalise.hpp"

#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/object/interrupt.hpp"
#include "kernel/object/io_port.hpp"
#include "kernel/object/thread.hpp"
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

/// A zombie can go once no slot remains, or only the one that holds the zombie itself.
Remainder remainder_of_zombie(const frame::Phase& phase, frame::SlotRef slot, const frame::ZombieCap& zombie) {
    if (zombie.remaining() == 0) {
        return Remainder::nothing;
    }
    if (zombie.remaining() == 1 && frame::zombie_slot(phase, zombie, 0) == slot) {
        return Remainder::nothing;
    }
    return Remainder::zombie;
}

Remainder make_zombie(const frame::Phase& phase, frame::SlotRef slot) {
    slot.become_zombie();
    return remainder_of_zombie(phase, slot, slot.capability().as<frame::ZombieCap>().value());
}

/// Undoes what the capability in `slot` stands for, as far as it is the last one. The slot still has to be cleared, if
/// nothing remains.
[[gnu::always_inline]] Remainder finalise(const frame::Phase& phase, frame::SlotRef slot, bool is_final) {
    const frame::Capability cap = slot.capability();
    switch (cap.tag()) {
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Untyped:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::Zombie:  // `remove` sees to these by itself
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::IoPortControl:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::Vcpu:
        return Remainder::nothing;
    case abi::CapabilityTag::Endpoint:
        if (is_final) {
            cancel_all(phase, cap.as<frame::EndpointCap>()->endpoint(phase));
        }
        return Remainder::nothing;
    case abi::CapabilityTag::Notification:
        if (is_final) {
            const frame::Ref<Notification> notification = cap.as<frame::NotificationCap>()->notification(phase);
            unbind_if_bound(phase, notification);
            cancel_all(phase, notification);
        }
        return Remainder::nothing;
    case abi::CapabilityTag::CNode:
        if (!is_final) {
            return Remainder::nothing;
        }
        return make_zombie(phase, slot);
    case abi::CapabilityTag::Thread:
        if (!is_final) {
            return Remainder::nothing;
        }
        retire_thread(phase, cap.as<frame::ThreadCap>()->tcb(phase));
        return make_zombie(phase, slot);
    case abi::CapabilityTag::IrqHandler:
        if (is_final) {
            detach_interrupt(phase, cap.as<frame::IrqHandlerCap>()->irq());
        }
        return Remainder::nothing;
    case abi::CapabilityTag::Frame:
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::AsidPool:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        finalise_paging_capability(phase, slot, is_final);
        return Remainder::nothing;
    }
    return Remainder::nothing;
}

/// Clears a slot whose capability has been finalised, and releases the resource it named, if it named one that is no
/// memory: an interrupt line or a range of I/O ports.
void clear_finalised(const frame::Phase& phase, frame::SlotRef slot, frame::Finality finality) {
    const frame::Capability cap = slot.capability();
    if (!slot.clear_was_last(finality)) {
        return;
    }
    if (const std::optional<frame::IrqHandlerCap> handler = cap.as<frame::IrqHandlerCap>()) {
        release_interrupt(phase, handler->irq());
    }
    if (const std::optional<frame::IoPortCap> ports = cap.as<frame::IoPortCap>()) {
        release_io_ports(phase, *ports);
    }
}

}  // namespace

Remainder remove(const frame::Phase& phase, frame::SlotRef slot) {
    if (const std::optional<frame::ZombieCap> zombie = slot.capability().as<frame::ZombieCap>()) {
        // There is one of it, and it goes once its slots are empty.
        const Remainder remainder = remainder_of_zombie(phase, slot, *zombie);
        if (remainder == Remainder::nothing) {
            slot.clear();
        }
        return remainder;
    }
    const frame::Finality finality = slot.finality();
    const Remainder remainder = finalise(phase, slot, finality.is_final());
    if (remainder == Remainder::nothing) {
        clear_finalised(phase, slot, finality);
    }
    return remainder;
}

void delete_simple(const frame::Phase& phase, frame::SlotRef slot) {
    frame::check(remove(phase, slot) == Remainder::nothing,
                 "a capability with slots was deleted where only simple ones can be");
}

}  // namespace kernel
