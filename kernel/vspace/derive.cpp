// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

/// Copies of a table's capability all name its one place. While it has none, they could not be kept in step.
template <class Cap>
bool is_mapped_table(const frame::Capability& cap) {
    const std::optional<Cap> table = cap.as<Cap>();
    return table && table->is_mapped();
}

/// Whether a table or root has the place that copies need.
bool can_be_copied(const frame::Capability& cap) {
    return is_mapped_table<frame::PageTableCap>(cap) || is_mapped_table<frame::PageDirectoryCap>(cap) ||
           is_mapped_table<frame::PdptCap>(cap) || is_mapped_table<frame::Pml4Cap>(cap);
}

}  // namespace

Result<frame::Capability> derive_paging_capability(frame::Capability source) {
    switch (source.tag()) {
    case abi::CapabilityTag::Frame:
        return source.as<frame::FrameCap>().value().unmapped();
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
        if (!can_be_copied(source)) {
            return error::illegal_operation();
        }
        return source;
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::AsidPool:
        return source;
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Untyped:
    case abi::CapabilityTag::Endpoint:
    case abi::CapabilityTag::Notification:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
    case abi::CapabilityTag::IoPortControl:
        break;
    }
    return error::illegal_operation();
}

}  // namespace kernel
