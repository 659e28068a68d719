// SPDX-License-Identifier: GPL-2.0-only
//
// The modelled machine itself: whole systems, from boot through the kernel's own entries.
#include "tests/machine/machine.hpp"

#include <algorithm>

#include <frame/detail/object_memory.hpp>
#include <frame/links.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/devices.hpp"
#include "frame/host/mmu.hpp"
#include "frame/host/processor.hpp"
#include "kernel/object/notification.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/support/test.hpp"

namespace {

using abi::InvocationLabel;
using test::BaseSystem;
using test::Machine;
using test::Result;
using test::Step;

namespace initial = abi::initial_cap;

TEST("the initial thread runs after boot") {
    Machine& machine = Machine::boot();
    CHECK(!machine.is_idle());
    CHECK(&machine.running() == &machine.initial_thread());
    CHECK_EQUAL(machine.entries(), 1U);
}

TEST("a system call goes through the kernel's own entry") {
    Machine& machine = Machine::boot();
    const Result result = machine.call(initial::tcb, InvocationLabel::TCBSetPriority, {7}, {initial::tcb});
    CHECK(result == Result{});
    CHECK_EQUAL(static_cast<unsigned>(machine.initial_thread().priority), 7U);
    const Result refused = machine.call(initial::tcb, InvocationLabel::UntypedRetype);
    CHECK(refused == (Result{Result::Kind::error, abi::Error::IllegalOperation}));
}

Step system_call(abi::Syscall call, std::uint64_t capability) {
    return Step{.call = abi::number(call), .capability = capability};
}

TEST("message words beyond the registers go through the IPC buffer") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    // Retype needs six words.
    const Result result =
        machine.call(BaseSystem::untyped_small, InvocationLabel::UntypedRetype,
                     {abi::number(abi::ObjectType::Endpoint), 0, 0, 0, BaseSystem::first_empty, 1}, {2});
    CHECK(result == Result{});
}

TEST("a thread that touches what is not mapped faults to its handler") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const Result result = machine.perform(Step{.kind = Step::Kind::write, .address = 0x12345000, .value = 1});
    CHECK(result.kind == Result::Kind::fault);
    CHECK(&machine.running() != &machine.initial_thread());
}

TEST("an idle core waits for an interrupt, which wakes whom it signals") {
    Machine& machine = Machine::boot();
    machine.must_call(initial::tcb, InvocationLabel::TCBSetPriority, {7}, {initial::tcb});
    machine.call(initial::tcb, InvocationLabel::TCBSuspend);
    CHECK(machine.is_idle());
    CHECK(machine.perform(system_call(abi::Syscall::Yield, 0)).kind == Result::Kind::gone);
    machine.perform(Step{.kind = Step::Kind::interrupt, .number = frame::interrupt_vector::timer});
    CHECK(machine.is_idle());
}

TEST("the timer takes the processor away after a time slice") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const kernel::Tcb* const first = &machine.running();
    unsigned ticks = 0;
    while (&machine.running() == first) {
        machine.perform(Step{.kind = Step::Kind::interrupt, .number = frame::interrupt_vector::timer});
        ++ticks;
        CHECK(ticks <= abi::config::time_slice);
    }
    CHECK_EQUAL(ticks, abi::config::time_slice);
}

/// Fills the second CNode and the rest of the space with copies, so that revoking takes many steps.
unsigned make_copies(Machine& machine) {
    unsigned copies = 0;
    for (std::uint64_t index = BaseSystem::first_empty; index < BaseSystem::space_slots; ++index, ++copies) {
        machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeCopy,
                          {index, 6, BaseSystem::other_endpoint, 6, 15}, {BaseSystem::space_plain});
    }
    return copies;
}

TEST("a preempted system call is repeated, and then done") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    for (unsigned round = 0; round < 4; ++round) {
        make_copies(machine);
        Result result =
            machine.perform(Step{.capability = BaseSystem::space_plain,
                                 .info = abi::message_info::make(abi::number(InvocationLabel::CNodeRevoke), 0, 0, 2),
                                 .words = {BaseSystem::other_endpoint, 6},
                                 .preemptions = 1});
        while (result.kind == Result::Kind::preempted) {
            CHECK(machine.is_repeating());
            result = machine.perform(Step{.kind = Step::Kind::repeat});
        }
        CHECK(result == Result{});
    }
    // A work unit for each of 132 deletions, one look for interrupts in a hundred.
    CHECK(frame::host::Processor::instance().interrupt_checks > 0);
}

TEST("a thread whose former address space ends goes on in its own") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
    const auto own_root = [&] {
        return frame::detail::CapabilityFactory::address(
            machine.running().slot(phase, frame::TcbSlot::vspace).capability());
    };
    const std::vector<std::uint64_t> spaces{BaseSystem::space_plain, BaseSystem::other_vspace};
    const std::uint64_t guard = abi::cnode_cap_data::make(0, 58);
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBSetSpace, {0, guard, 0}, spaces);
    do {
        machine.perform(system_call(abi::Syscall::Yield, 0));
    } while (&machine.running() != &machine.initial_thread());
    // Nothing is mapped in this space, so what is in the IPC buffer stays there: a CNode, and slot 17 for the root.
    const std::uint64_t there = frame::host::Mmu::instance().loaded_root().value();
    CHECK_EQUAL(there, own_root());
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeMove, {40, 6, BaseSystem::other_vspace, 6}, {2});
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeMove, {17, 6, BaseSystem::vspace, 6}, {2});
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBSetSpace, {0, guard, 0}, spaces);
    CHECK_EQUAL(frame::host::Mmu::instance().loaded_root().value(), there);
    CHECK(own_root() != there);
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeDelete, {40, 6});
    CHECK_EQUAL(frame::host::Mmu::instance().loaded_root().value(), own_root());
}

TEST("a checkpoint is come back to exactly") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    Machine::checkpoint();
    for (unsigned round = 0; round < 3; ++round) {
        CHECK_EQUAL(make_copies(machine), BaseSystem::space_slots - BaseSystem::first_empty);
        machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeRevoke, {BaseSystem::endpoint, 6});
        machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeDelete, {BaseSystem::frame, 6});
        machine.restore();
        Machine::check_invariants();
        CHECK(machine.store(machine.running().ipc_buffer.value(), round));
    }
}

TEST("a reference to an object whose memory is used again stops the run") {
    using frame::detail::RefFactory;
    Machine::boot();
    frame::detail::shadow_make(0x1000, 32, &frame::detail::type_tag<kernel::Notification>);
    const auto stale = RefFactory::from_offset<kernel::Notification>(0x1000);
    CHECK_EQUAL(stale->pending, 0U);
    frame::detail::shadow_kill(0x1000, 32);
    CHECK_DIES("dead or was never made", [&] { (void)stale->pending; });
    frame::detail::shadow_make(0x1000, 32, &frame::detail::type_tag<kernel::Notification>);
    CHECK_DIES("its memory holds another one", [&] { (void)stale->pending; });
    CHECK_EQUAL(RefFactory::from_offset<kernel::Notification>(0x1000)->pending, 0U);
}

TEST("a link to an object whose memory is used again stops the run") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    kernel::Tcb& tcb = machine.initial_thread();
    const frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
    frame::detail::shadow_make(0x1000, 32, &frame::detail::type_tag<kernel::Notification>);
    frame::bind(frame::detail::RefFactory::from_pointer(&tcb),
                frame::detail::RefFactory::from_offset<kernel::Notification>(0x1000));
    frame::detail::shadow_kill(0x1000, 32);
    frame::detail::shadow_make(0x1000, 32, &frame::detail::type_tag<kernel::Notification>);
    CHECK_DIES("a link leads to an object that is dead", [&] { (void)tcb.block.links.notification.get(phase); });
}

TEST("a slot in a CNode whose memory is used again, and a capability to it, stop the run") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
    const auto space = machine.running().slot(phase, frame::TcbSlot::cspace).capability().as<frame::CNodeCap>().value();
    const frame::SlotRef holder = frame::cnode_slot(phase, space, BaseSystem::second_cnode);
    const frame::SlotRef inside = frame::cnode_slot(phase, holder.capability().as<frame::CNodeCap>().value(), 0);
    CHECK(inside.is_empty());
    const std::uint64_t offset = frame::detail::CapabilityFactory::address(holder.capability());
    frame::detail::shadow_kill(offset, 512);
    frame::detail::shadow_make(offset, 512, &frame::detail::type_tag<frame::Slot>);
    CHECK_DIES("its memory holds another one", [&] { (void)inside.is_empty(); });
    CHECK_DIES("a capability names an object that is dead", [&] { (void)holder.capability(); });
}

TEST("traces are read as they are written") {
    const std::vector<Step> steps{
        Step{.capability = 3,
             .info = abi::message_info::make(abi::number(InvocationLabel::CNodeCopy), 0, 1, 5),
             .words = {1, 2, 3, 4, 0xffff'ffff'ffff'ffff},
             .caps = {7, 8}},
        Step{.call = abi::number(abi::Syscall::Recv), .capability = 5, .receive = {{1, 2, 3}}},
        Step{.call = -77, .info = ~std::uint64_t{0} << 12, .preemptions = 5, .preempting_vector = 60},
        Step{.kind = Step::Kind::repeat, .preemptions = 1},
        Step{.kind = Step::Kind::interrupt, .number = 157},
        Step{.kind = Step::Kind::trap, .number = 200},
        Step{.kind = Step::Kind::exception, .number = 6, .value = 1},
        Step{.kind = Step::Kind::read, .address = 0x401000},
        Step{.kind = Step::Kind::write, .address = 0x401008, .value = 9},
    };
    for (const Step& step : steps) {
        const std::optional<Step> again = test::step_from_text(test::to_text(step));
        CHECK(again.has_value());
        CHECK_EQUAL(test::to_text(*again), test::to_text(step));
        CHECK(*again == step);
    }
    for (const char* line :
         {"nonsense", "Call cap", "Call cap=zz", "interrupt", "read 1 2", "Call info=1/2/3", "repeat 1"}) {
        CHECK(!test::step_from_text(line).has_value());
    }
}

}  // namespace
