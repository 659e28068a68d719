// SPDX-License-Identifier: GPL-2.0-only
//
// The generator's messages: arguments that mostly fit the invocation they are for.
#include <array>

#include "tests/fuzz/generator.hpp"
#include "tests/machine/base_system.hpp"

namespace test {

namespace {

using abi::CapabilityTag;
using enum abi::InvocationLabel;
using abi::InvocationLabel;

constexpr std::uint64_t all_rights = abi::cap_rights::make(1, 1, 1, 1);

}  // namespace

void Generator::fill_message(Step& step, Source& source) {
    const std::size_t length = source.chance(4) ? 120 : source.below(8);
    step.words.resize(length);
    for (std::uint64_t& word : step.words) {
        word = length > 8 ? length : source.byte();
    }
    const std::size_t caps = source.chance(40) ? 1 + source.below(3) : 0;
    for (std::size_t index = 0; index < caps; ++index) {
        step.caps.push_back(known_.empty() ? 0 : any(source)->address);
    }
    step.info = abi::message_info::make(source.byte(), 0, step.caps.size(), length);
}

void Generator::fill_retype(Step& step, Source& source) {
    constexpr std::array types{
        abi::ObjectType::Untyped,  abi::ObjectType::Tcb,    abi::ObjectType::Endpoint,  abi::ObjectType::Notification,
        abi::ObjectType::CapTable, abi::ObjectType::Page4K, abi::ObjectType::PageTable, abi::ObjectType::PageDirectory,
        abi::ObjectType::Pdpt,     abi::ObjectType::Pml4,   abi::ObjectType::LargePage, abi::ObjectType::HugePage};
    const abi::ObjectType type = types.at(source.below(types.size()));
    const std::uint64_t bits = type == abi::ObjectType::Untyped    ? 4 + source.below(12)
                               : type == abi::ObjectType::CapTable ? 1 + source.below(4)
                                                                   : 0;
    const Target where = target(source, Want::empty);
    const std::uint64_t count = source.chance(80) ? 1 : source.below(5);
    // The index of the first slot is a number of its own: the node is the root itself.
    const std::uint64_t offset = where.index & 0xff;
    if (source.chance(86)) {
        step.words = {abi::number(type), bits, 0, 0, offset, count};
    } else if (source.chance(40)) {
        // A node that has to be looked up, and often is not there.
        step.words = {abi::number(type),    bits, source.chance(50) ? where.index : source.edge(),
                      1 + source.below(64), 0,    count};
    } else {
        step.words = {source.chance(50) ? source.edge() : abi::number(type),
                      source.edge(),
                      where.index,
                      where.depth,
                      source.edge(),
                      source.edge()};
    }
    step.caps = {where.root};
}

void Generator::fill_cnode(Step& step, Source& source, InvocationLabel label) {
    const bool takes_empty = label == CNodeCopy || label == CNodeMint || label == CNodeMove || label == CNodeMutate ||
                             label == CNodeSaveCaller || label == CNodeRotate;
    const Target into = target(source, takes_empty ? Want::empty : Want::full);
    if (source.chance(90)) {
        step.capability = into.root;
    }
    step.words = {into.index, into.depth};
    if (label == CNodeRevoke || label == CNodeDelete || label == CNodeCancelBadgedSends || label == CNodeSaveCaller) {
        return;
    }
    if (label == CNodeRotate) {
        const Target pivot = target(source, Want::full);
        const Target from = target(source, Want::full);
        const std::uint64_t badge = source.chance(70) ? 0 : source.edge();
        step.words = {into.index, into.depth, badge, pivot.index, pivot.depth, badge, from.index, from.depth};
        step.caps = {pivot.root, from.root};
        return;
    }
    const Target from = target(source, Want::full);
    step.words.push_back(from.index);
    step.words.push_back(from.depth);
    step.caps = {from.root};
    if (label == CNodeCopy || label == CNodeMint) {
        step.words.push_back(source.chance(70) ? all_rights : source.below(16));
    }
    if (label == CNodeMint || label == CNodeMutate) {
        step.words.push_back(source.chance(60)   ? source.below(4)
                             : source.chance(50) ? abi::cnode_cap_data::make(source.below(4), source.below(64))
                                                 : source.edge());
    }
}

void Generator::fill_tcb(Step& step, Source& source, InvocationLabel label) {
    const std::uint64_t guard = source.chance(90) ? abi::cnode_cap_data::make(0, 58) : source.edge();
    const std::uint64_t handler = source.chance(90) ? address_of(source, CapabilityTag::Endpoint) : source.edge();
    const std::uint64_t buffer =
        source.chance(90) ? BaseSystem::buffers + source.below(4) * 1024 : user_address(source);
    switch (label) {
    case TCBReadRegisters:
        step.words = {source.below(2), source.chance(90) ? 1 + source.below(20) : source.edge()};
        return;
    case TCBWriteRegisters: {
        const std::uint64_t count = source.below(21);
        step.words = {source.below(2), count};
        for (std::uint64_t index = 0; index < count; ++index) {
            step.words.push_back(index == 0 ? 0x400000 : source.edge());
        }
        return;
    }
    case TCBCopyRegisters:
        step.words = {source.below(16)};
        step.caps = {address_of(source, CapabilityTag::Thread)};
        return;
    case TCBConfigure:
        step.words = {handler, guard, 0, buffer};
        step.caps = {address_of(source, CapabilityTag::CNode), address_of(source, CapabilityTag::Pml4),
                     address_of(source, CapabilityTag::Frame)};
        return;
    case TCBSetSpace:
        step.words = {handler, guard, 0};
        step.caps = {address_of(source, CapabilityTag::CNode), address_of(source, CapabilityTag::Pml4)};
        return;
    case TCBSetIPCBuffer:
        step.words = {buffer};
        step.caps = {address_of(source, CapabilityTag::Frame)};
        return;
    case TCBSetPriority:
    case TCBSetMCPriority:
        step.words = {source.chance(90) ? 98 + source.below(6) : source.edge()};
        step.caps = {address_of(source, CapabilityTag::Thread)};
        return;
    case TCBSetSchedParams:
        step.words = {source.chance(80) ? 200 : source.edge(),
                      source.chance(90) ? 98 + source.below(6) : source.edge()};
        step.caps = {address_of(source, CapabilityTag::Thread)};
        return;
    case TCBBindNotification:
        step.caps = {address_of(source, CapabilityTag::Notification)};
        return;
    case TCBSetTLSBase:
        step.words = {source.edge()};
        return;
    case TCBSetFlags:
        step.words = {source.below(4), source.below(4)};
        return;
    case TCBSetBreakpoint:
        step.words = {source.below(5), user_address(source) & ~std::uint64_t{7}, source.below(3),
                      std::uint64_t{1} << source.below(5) >> 1, source.below(4)};
        return;
    case TCBGetBreakpoint:
    case TCBUnsetBreakpoint:
        step.words = {source.below(5)};
        return;
    case TCBConfigureSingleStepping:
        step.words = {source.below(5), source.below(3)};
        return;
    default:
        return;
    }
}

void Generator::fill_other(Step& step, Source& source, InvocationLabel label) {
    switch (label) {
    case X86IRQIssueIRQHandlerIOAPIC:
    case X86IRQIssueIRQHandlerMSI: {
        const Target where = target(source, Want::empty);
        const std::uint64_t odd = source.chance(90) ? 0 : source.edge();
        step.words = {where.index,
                      where.depth,
                      odd,
                      source.below(24),
                      source.below(2),
                      source.below(2),
                      source.chance(90) ? source.below(108) : source.edge()};
        step.caps = {where.root};
        return;
    }
    case IRQIssueIRQHandler: {
        const Target where = target(source, Want::empty);
        step.words = {source.below(16), where.index, where.depth};
        step.caps = {where.root};
        return;
    }
    case IRQSetIRQHandler:
        step.caps = {address_of(source, CapabilityTag::Notification)};
        return;
    case DomainSetSet:
        step.words = {source.chance(85) ? source.below(abi::config::num_domains) : source.edge()};
        step.caps = {address_of(source, CapabilityTag::Thread)};
        return;
    case DomainScheduleConfigure:
        step.words = {source.chance(80) ? source.below(8) : source.edge(), source.below(abi::config::num_domains + 1),
                      source.below(8)};
        return;
    case DomainScheduleSetStart:
        step.words = {source.chance(80) ? source.below(4) : source.edge()};
        return;
    case X86PageMap:
        step.words = {user_address(source), source.chance(80) ? all_rights : source.below(16), source.below(8)};
        step.caps = {address_of(source, CapabilityTag::Pml4)};
        return;
    case X86PageTableMap:
    case X86PageDirectoryMap:
    case X86PDPTMap:
        step.words = {user_address(source), source.below(8)};
        step.caps = {address_of(source, CapabilityTag::Pml4)};
        return;
    case X86ASIDControlMakePool: {
        const Target where = target(source, Want::empty);
        step.words = {where.index, where.depth};
        step.caps = {address_of(source, CapabilityTag::Untyped), where.root};
        return;
    }
    case X86ASIDPoolAssign:
        step.caps = {address_of(source, CapabilityTag::Pml4)};
        return;
    case X86IOPortControlIssue: {
        const Target where = target(source, Want::empty);
        const std::uint64_t first = source.below(64) * 16;
        step.words = {first, first + source.below(32), where.index, where.depth};
        step.caps = {where.root};
        return;
    }
    case X86IOPortIn8:
    case X86IOPortIn16:
    case X86IOPortIn32:
        step.words = {source.chance(80) ? BaseSystem::first_port + source.below(8) : source.edge()};
        return;
    case X86IOPortOut8:
    case X86IOPortOut16:
    case X86IOPortOut32:
        step.words = {source.chance(80) ? BaseSystem::first_port + source.below(8) : source.edge(), source.byte()};
        return;
    default:
        return;
    }
}

void Generator::fill(Step& step, Source& source, InvocationLabel label) {
    if (label == UntypedRetype) {
        fill_retype(step, source);
    } else if (label >= TCBReadRegisters && label <= TCBSetFlags) {
        fill_tcb(step, source, label);
    } else if (label >= CNodeRevoke && label <= CNodeSaveCaller) {
        fill_cnode(step, source, label);
    } else {
        fill_other(step, source, label);
    }
    // Now and then a message that is too short, or a word that fits nothing.
    std::size_t length = step.words.size();
    std::size_t caps = step.caps.size();
    if (source.chance(4)) {
        length = source.below(length + 1);
        caps = source.below(caps + 1);
    }
    if (source.chance(4) && !step.words.empty()) {
        step.words[source.below(step.words.size())] = source.edge();
    }
    step.info = abi::message_info::make(abi::number(label), 0, caps, length);
}

}  // namespace test
