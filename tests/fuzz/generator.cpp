// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/generator.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <span>

#include <frame/detail/object_memory.hpp>
#include "frame/host/arena.hpp"
#include "tests/fuzz/labels.hpp"
#include "tests/machine/base_system.hpp"

namespace test {

namespace {

using abi::CapabilityTag;
using abi::InvocationLabel;
using frame::detail::SlotAccess;

constexpr std::uint64_t largest_cnode = 256;

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
    if (label == InvocationLabel::TCBSuspend && !others_are_ready(machine_)) {
        label = InvocationLabel::TCBResume;
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
