// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/labels.hpp"

#include <array>

namespace test {

namespace {

using abi::CapabilityTag;
using enum abi::InvocationLabel;
using abi::InvocationLabel;

constexpr std::array untyped_labels{UntypedRetype};
constexpr std::array tcb_labels{TCBReadRegisters,      TCBWriteRegisters, TCBCopyRegisters,  TCBConfigure,
                                TCBSetPriority,        TCBSetMCPriority,  TCBSetSchedParams, TCBSetIPCBuffer,
                                TCBSetSpace,           TCBSuspend,        TCBResume,         TCBBindNotification,
                                TCBUnbindNotification, TCBSetTLSBase,     TCBSetFlags,       TCBResume};
constexpr std::array cnode_labels{CNodeRevoke, CNodeDelete, CNodeCancelBadgedSends, CNodeCopy, CNodeMint, CNodeMove,
                                  CNodeMutate, CNodeRotate, CNodeSaveCaller,        CNodeCopy, CNodeMint, CNodeDelete};
constexpr std::array irq_control_labels{X86IRQIssueIRQHandlerIOAPIC, X86IRQIssueIRQHandlerMSI, IRQIssueIRQHandler};
constexpr std::array irq_handler_labels{IRQAckIRQ, IRQSetIRQHandler, IRQClearIRQHandler};
constexpr std::array domain_labels{DomainSetSet, DomainScheduleConfigure, DomainScheduleSetStart};
constexpr std::array frame_labels{X86PageMap, X86PageUnmap, X86PageGetAddress, X86PageMap};
constexpr std::array table_labels{X86PageTableMap, X86PageTableUnmap};
constexpr std::array directory_labels{X86PageDirectoryMap, X86PageDirectoryUnmap};
constexpr std::array pdpt_labels{X86PDPTMap, X86PDPTUnmap};
constexpr std::array asid_control_labels{X86ASIDControlMakePool};
constexpr std::array asid_pool_labels{X86ASIDPoolAssign};
constexpr std::array io_port_control_labels{X86IOPortControlIssue};
constexpr std::array io_port_labels{X86IOPortIn8,  X86IOPortIn16,  X86IOPortIn32,
                                    X86IOPortOut8, X86IOPortOut16, X86IOPortOut32};

}  // namespace

std::span<const InvocationLabel> labels_of(CapabilityTag tag) {
    switch (tag) {
    case CapabilityTag::Untyped:
        return untyped_labels;
    case CapabilityTag::Thread:
        return tcb_labels;
    case CapabilityTag::CNode:
        return cnode_labels;
    case CapabilityTag::IrqControl:
        return irq_control_labels;
    case CapabilityTag::IrqHandler:
        return irq_handler_labels;
    case CapabilityTag::Domain:
        return domain_labels;
    case CapabilityTag::Frame:
        return frame_labels;
    case CapabilityTag::PageTable:
        return table_labels;
    case CapabilityTag::PageDirectory:
        return directory_labels;
    case CapabilityTag::Pdpt:
        return pdpt_labels;
    case CapabilityTag::AsidControl:
        return asid_control_labels;
    case CapabilityTag::AsidPool:
        return asid_pool_labels;
    case CapabilityTag::IoPortControl:
        return io_port_control_labels;
    case CapabilityTag::IoPort:
        return io_port_labels;
    default:
        return {};
    }
}

bool is_ipc(CapabilityTag tag) {
    return tag == CapabilityTag::Endpoint || tag == CapabilityTag::Notification || tag == CapabilityTag::Reply;
}

}  // namespace test
