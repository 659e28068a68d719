// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/generator.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <span>

#include <frame/detail/object_memory.hpp>
#include "frame/host/arena.hpp"
#include "tests/machine/base_system.hpp"

namespace test {

namespace {

using abi::CapabilityTag;
using enum abi::InvocationLabel;
using abi::InvocationLabel;
using frame::detail::SlotAccess;

constexpr std::uint64_t largest_cnode = 256;
constexpr std::uint64_t all_rights = abi::cap_rights::make(1, 1, 1, 1);

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

/// Whether other threads are ready: then the running one may block without the system falling idle.
bool others_are_ready(const Machine& machine) {
    for (const auto number : frame::host::Arena::live()) {
        const frame::host::ObjectRecord& object = frame::host::Arena::object(number);
        if (object.is<kernel::Tcb>()) {
            const auto* const tcb = frame::detail::pointer_at<kernel::Tcb>(object.offset);
            if (tcb->is_runnable() && tcb != &machine.running()) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

void Generator::look() {
    known_.clear();
    empty_.clear();
    const frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
    const auto root = machine_.running().slot(phase, frame::TcbSlot::cspace).capability().as<frame::CNodeCap>();
    if (!root || root->slots() > largest_cnode) {
        return;
    }
    frame::Slot* const slots = SlotAccess::slot_of(*root, 0);
    const std::uint64_t guard = root->prefix();
    for (std::uint64_t index = 0; index < root->slots(); ++index) {
        const std::uint64_t first = SlotAccess::first(slots[index]);
        if (first == 0) {
            empty_.push_back(guard | index);
        } else {
            known_.push_back({guard | index, first, SlotAccess::second(slots[index])});
        }
    }
}

const Generator::Known* Generator::any(Source& source) const {
    return known_.empty() ? nullptr : &known_[source.below(known_.size())];
}

std::uint64_t Generator::address_of(Source& source, CapabilityTag tag) const {
    const std::uint8_t how = source.byte();
    if (how >= 250) {
        return source.edge();
    }
    if (how >= 235 || known_.empty()) {
        return known_.empty() ? 0 : any(source)->address;
    }
    for (std::size_t offset = 0; offset < known_.size(); ++offset) {
        const Known& known = known_[(how + offset) % known_.size()];
        if (known.capability().tag() == tag) {
            return known.address;
        }
    }
    return known_[how % known_.size()].address;
}

Generator::Target Generator::target(Source& source, Want want) const {
    const std::uint64_t root = address_of(source, CapabilityTag::CNode);
    for (const Known& known : known_) {
        const auto cnode = known.address == root ? known.capability().as<frame::CNodeCap>() : std::nullopt;
        if (!cnode || cnode->slots() > largest_cnode) {
            continue;
        }
        frame::Slot* const slots = SlotAccess::slot_of(*cnode, 0);
        std::uint64_t index = source.below(static_cast<std::size_t>(cnode->slots()));
        if (!source.chance(6)) {
            for (std::uint64_t tried = 0; tried < cnode->slots(); ++tried) {
                if ((SlotAccess::first(slots[index]) == 0) == (want == Want::empty)) {
                    break;
                }
                index = (index + 1) % cnode->slots();
            }
        }
        return {root, cnode->prefix() | index, cnode->guard_size() + cnode->radix()};
    }
    return {root, source.edge(), source.edge() % 66};
}

std::uint64_t Generator::user_address(Source& source) const {
    switch (source.below(8)) {
    case 0:
        return source.edge();
    case 1:
        return BaseSystem::buffers + source.below(4) * 4096;
    case 2:
        return (std::uint64_t{1} << 30) * (1 + source.below(4));
    case 3:
        return (std::uint64_t{1} << 39) * (1 + source.below(4));
    case 4:
        return (std::uint64_t{1} << 21) * source.below(16);
    default:
        return 0x40'0000 + source.below(64) * 4096;
    }
}

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

Step Generator::invocation(Source& source, const Known& known) {
    Step step;
    step.capability = known.address;
    const CapabilityTag tag = known.capability().tag();
    if (is_ipc(tag)) {
        const bool may_block = others_are_ready(machine_) || source.chance(5);
        constexpr std::array blocking{abi::Syscall::Call, abi::Syscall::Send, abi::Syscall::Recv,
                                      abi::Syscall::ReplyRecv};
        constexpr std::array harmless{abi::Syscall::NBSend, abi::Syscall::NBRecv, abi::Syscall::Reply,
                                      abi::Syscall::NBSend};
        step.call = abi::number(may_block ? blocking.at(source.below(4)) : harmless.at(source.below(4)));
        fill_message(step, source);
        if (source.chance(50)) {
            const Target where = target(source, Want::empty);
            step.receive = {where.root, where.index, where.depth};
        }
        return step;
    }
    const std::span<const InvocationLabel> labels = labels_of(tag);
    if (labels.empty() || source.chance(2)) {
        fill_message(step, source);
        return step;
    }
    InvocationLabel label = labels[source.below(labels.size())];
    if (label == TCBSuspend && !others_are_ready(machine_)) {
        label = TCBResume;
    }
    if (source.chance(4)) {
        step.call = abi::number(source.chance(50) ? abi::Syscall::Send : abi::Syscall::NBSend);
    }
    fill(step, source, label);
    return step;
}

Step Generator::system_call(Source& source) {
    const std::uint8_t how = source.byte();
    if (how < 226 && !known_.empty()) {
        return invocation(source, *any(source));
    }
    Step step;
    step.capability = source.chance(60) && !empty_.empty() ? empty_[source.below(empty_.size())] : source.edge();
    constexpr std::array calls{abi::Syscall::Yield, abi::Syscall::Yield,      abi::Syscall::Reply, abi::Syscall::NBRecv,
                               abi::Syscall::Yield, abi::Syscall::NBSend,     abi::Syscall::Call,  abi::Syscall::Recv,
                               abi::Syscall::Yield, abi::Syscall::SetTLSBase, abi::Syscall::Yield};
    // The snapshot goes through everything, so it is asked for rarely.
    constexpr std::array auxiliary{abi::Syscall::DebugCapIdentify,
                                   abi::Syscall::DebugDumpScheduler,
                                   abi::Syscall::DebugPutChar,
                                   abi::Syscall::BenchmarkNullSyscall,
                                   abi::Syscall::BenchmarkFlushCaches,
                                   abi::Syscall::BenchmarkResetLog,
                                   abi::Syscall::BenchmarkFinalizeLog,
                                   abi::Syscall::BenchmarkSetLogBuffer,
                                   abi::Syscall::BenchmarkGetThreadUtilisation,
                                   abi::Syscall::BenchmarkResetThreadUtilisation,
                                   abi::Syscall::BenchmarkResetAllThreadsUtilisation,
                                   abi::Syscall::BenchmarkDumpAllThreadsUtilisation};
    abi::Syscall call = calls.at(source.below(calls.size()));
    if (source.chance(10)) {
        call = auxiliary.at(source.below(auxiliary.size()));
        step.capability = source.chance(60) && !known_.empty() ? any(source)->address : step.capability;
        if (call == abi::Syscall::DebugCapIdentify && source.chance(5)) {
            call = abi::Syscall::DebugSnapshot;
        }
    }
    const bool may_stop = others_are_ready(machine_) || source.chance(5);
    if (!may_stop && (call == abi::Syscall::NBRecv || call == abi::Syscall::Call || call == abi::Syscall::Recv)) {
        call = abi::Syscall::Yield;
    }
    step.call = abi::number(call);
    if (may_stop && source.chance(4)) {
        // Not a number that stops the machine: any other is an unknown system call.
        step.call = static_cast<std::int64_t>(source.byte()) - 100;
        if (const auto named = abi::syscall(step.call); named) {
            step.call = 100;
        }
    }
    fill_message(step, source);
    return step;
}

Step Generator::next(Source& source) {
    const std::uint8_t kind = source.byte();
    Step step;
    if (machine_.is_idle()) {
        step.kind = Step::Kind::interrupt;
        step.number = kind % 2 == 0 ? frame::interrupt_vector::timer : BaseSystem::irq_vector;
        return step;
    }
    if (kind < 14) {
        step.kind = Step::Kind::interrupt;
        step.number = kind < 9    ? std::uint64_t{frame::interrupt_vector::timer}
                      : kind < 12 ? std::uint64_t{BaseSystem::irq_vector}
                                  : 32 + source.below(224);
        return step;
    }
    if (machine_.is_repeating()) {
        step.kind = Step::Kind::repeat;
        step.preemptions = source.chance(30) ? source.byte() : 0;
        return step;
    }
    look();
    const bool may_fault = kind < 26 && (others_are_ready(machine_) || source.chance(5));
    if (kind < 24 && may_fault) {
        step.kind = kind % 2 == 0 ? Step::Kind::read : Step::Kind::write;
        step.address = user_address(source) & ~std::uint64_t{7};
        step.value = source.byte();
        return step;
    }
    if (kind < 26 && may_fault) {
        step.kind = kind % 2 == 0 ? Step::Kind::exception : Step::Kind::trap;
        step.number = kind % 2 == 0 ? source.below(14) : 158 + source.below(90);
        step.value = step.kind == Step::Kind::exception ? source.byte() : 0;
        return step;
    }
    step = system_call(source);
    if (source.chance(25)) {
        step.preemptions = source.word();
        step.preempting_vector = source.chance(50) ? frame::interrupt_vector::timer : BaseSystem::irq_vector;
    }
    return step;
}

const Generator::Known* Generator::at(std::uint64_t address) const {
    const auto found = std::ranges::find(known_, address, &Known::address);
    return found == known_.end() ? nullptr : &*found;
}

std::uint32_t Generator::number_of(const Step& step) const {
    const auto kind = static_cast<std::uint32_t>(step.kind) << 28;
    if (step.kind != Step::Kind::syscall) {
        return kind;
    }
    const auto call = abi::syscall(step.call);
    const std::uint32_t call_number = (call ? static_cast<std::uint32_t>(abi::number(*call)) : 0x80U) & 0xff;
    const Known* const known = at(step.capability);
    if (known == nullptr || step.call == 0x80) {
        return kind | call_number << 20;
    }
    const std::uint64_t label = abi::message_info::label(step.info);
    const bool is_invocation = label < 0x300 && abi::invocation_label(label).has_value();
    return kind | call_number << 20 | static_cast<std::uint32_t>(known->capability().tag()) << 12 | 1U << 11 |
           static_cast<std::uint32_t>(is_ipc(known->capability().tag()) || !is_invocation ? 0x400 : label);
}

std::string Generator::name_of(const Step& step) const {
    switch (step.kind) {
    case Step::Kind::syscall:
        break;
    case Step::Kind::repeat:
        return "repeat";
    case Step::Kind::interrupt:
        return "interrupt";
    case Step::Kind::trap:
        return "trap";
    case Step::Kind::exception:
        return "exception";
    case Step::Kind::read:
    case Step::Kind::write:
        return "access";
    }
    const auto call = abi::syscall(step.call);
    const std::string name = call ? std::string{abi::name(*call)} : "unknown call";
    const bool invokes = call == abi::Syscall::Call || call == abi::Syscall::Send || call == abi::Syscall::NBSend;
    if (!invokes) {
        return name;
    }
    if (const Known* const known = at(step.capability)) {
        const CapabilityTag tag = known->capability().tag();
        const std::uint64_t label = abi::message_info::label(step.info);
        const bool is_invocation = label < 0x300 && abi::invocation_label(label).has_value();
        const std::string what = is_ipc(tag)     ? std::string{abi::name(tag)}
                                 : is_invocation ? label_name(label)
                                                 : std::string{"an unknown label"};
        return call == abi::Syscall::Call && !is_ipc(tag) ? what : name + " " + what;
    }
    return name + " of nothing";
}

}  // namespace test
