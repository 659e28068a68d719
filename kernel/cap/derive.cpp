// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/derive.hpp"

#include "kernel/vspace/rights.hpp"
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

/// The word width that guard and radix of a CNode must fit into.
constexpr std::uint64_t address_bits = 64;

}  // namespace

Result<frame::Capability> derive_capability(frame::SlotRef slot, frame::Capability cap) {
    switch (cap.tag()) {
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::IoPortControl:
        return frame::Capability{};
    case abi::CapabilityTag::Untyped:
        if (slot.has_children()) {
            return error::revoke_first();
        }
        return cap;
    case abi::CapabilityTag::Endpoint:
    case abi::CapabilityTag::Notification:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::Vcpu:
        return cap;
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
        return derive_paging_capability(cap);
    }
    return frame::Capability{};
}

frame::Capability mask_rights(frame::Capability cap, frame::Rights rights) {
    if (const std::optional<frame::EndpointCap> endpoint = cap.as<frame::EndpointCap>()) {
        return endpoint->masked(rights);
    }
    if (const std::optional<frame::NotificationCap> notification = cap.as<frame::NotificationCap>()) {
        return notification->masked(rights);
    }
    if (const std::optional<frame::ReplyCap> reply = cap.as<frame::ReplyCap>()) {
        return reply->masked(rights);
    }
    if (const std::optional<frame::FrameCap> frame_cap = cap.as<frame::FrameCap>()) {
        return frame_cap->restricted_to(vm_rights_of(rights));
    }
    return cap;
}

frame::Capability update_data(frame::Capability cap, std::uint64_t data, bool preserve) {
    if (const std::optional<frame::EndpointCap> endpoint = cap.as<frame::EndpointCap>()) {
        if (preserve || endpoint->badge() != frame::no_badge) {
            return frame::Capability{};
        }
        return endpoint->with_badge(frame::Badge{data});
    }
    if (const std::optional<frame::NotificationCap> notification = cap.as<frame::NotificationCap>()) {
        if (preserve || notification->badge() != frame::no_badge) {
            return frame::Capability{};
        }
        return notification->with_badge(frame::Badge{data});
    }
    if (const std::optional<frame::CNodeCap> cnode = cap.as<frame::CNodeCap>()) {
        const std::uint64_t guard_size = abi::cnode_cap_data::guard_size(data);
        if (guard_size + cnode->radix() > address_bits) {
            return frame::Capability{};
        }
        return cnode->with_guard(abi::cnode_cap_data::guard(data), guard_size);
    }
    return cap;
}

frame::Rights rights_from_word(std::uint64_t word) {
    return frame::Rights{.read = abi::cap_rights::cap_allow_read(word) != 0,
                         .write = abi::cap_rights::cap_allow_write(word) != 0,
                         .grant = abi::cap_rights::cap_allow_grant(word) != 0,
                         .grant_reply = abi::cap_rights::cap_allow_grant_reply(word) != 0};
}

}  // namespace kernel
