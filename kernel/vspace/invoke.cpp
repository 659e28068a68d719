// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/vspace/invoke.hpp"

#include <utility>

#include "kernel/vspace/vspace.hpp"

namespace kernel {

Outcome invoke_paging_capability(frame::Phase&& phase, const Invocation& invocation) {
    switch (invocation.slot().capability().tag()) {
    case abi::CapabilityTag::Frame:
        return invoke_frame(phase, invocation);
    case abi::CapabilityTag::PageTable:
        return invoke_page_table(phase, invocation);
    case abi::CapabilityTag::PageDirectory:
        return invoke_page_directory(phase, invocation);
    case abi::CapabilityTag::Pdpt:
        return invoke_pdpt(phase, invocation);
    case abi::CapabilityTag::Pml4:
        return error::illegal_operation();  // a root is only named by other invocations
    case abi::CapabilityTag::AsidControl:
        return invoke_asid_control(std::move(phase), invocation);
    case abi::CapabilityTag::AsidPool:
        return invoke_asid_pool(phase, invocation);
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
    return error::invalid_capability(0);
}

}  // namespace kernel
