// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

/// Copies of a table's capability all name its one place. While it has none, they could not be kept in step.
template <class Cap>
Result<frame::Capability> derive_if_mapped(const frame::Capability& source) {
    const std::optional<Cap> table = source.as<Cap>();
    if (!table || !table->is_mapped()) {
        return error::illegal_operation();
    }
    return source;
}

}  // namespace

Result<frame::Capability> derive_paging_capability(frame::Capability source) {
    switch (source.tag()) {
    case abi::CapabilityTag::Frame:
        return source.as<frame::FrameCap>().value().unmapped();
    case abi::CapabilityTag::PageTable:
        return derive_if_mapped<frame::PageTableCap>(source);
    case abi::CapabilityTag::PageDirectory:
        return derive_if_mapped<frame::PageDirectoryCap>(source);
    case abi::CapabilityTag::Pdpt:
        return derive_if_mapped<frame::PdptCap>(source);
    case abi::CapabilityTag::Pml4:
        return derive_if_mapped<frame::Pml4Cap>(source);
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
