// SPDX-License-Identifier: GPL-2.0-only
#include "tests/machine/base_system.hpp"

#include <cstdio>
#include <cstdlib>

#include "tests/machine/builder.hpp"

namespace test {

namespace {

using abi::InvocationLabel;
using abi::ObjectType;
namespace initial = abi::initial_cap;

constexpr std::uint64_t space_radix = 6;
constexpr std::uint64_t all_rights = abi::cap_rights::make(1, 1, 1, 1);
constexpr std::uint64_t page = 4096;

[[noreturn]] void give_up(const char* why) {
    std::fprintf(stderr, "setting up: %s\n", why);
    std::abort();
}

/// A CSpace root in which an address is a slot's number: all bits above are guard.
constexpr std::uint64_t whole_guard = abi::cnode_cap_data::make(0, 64 - space_radix);

void make_objects(Builder& builder) {
    Machine& machine = builder.machine();
    builder.mint(BaseSystem::space_self, builder.space(), whole_guard);
    builder.copy(BaseSystem::space_plain, builder.space());
    builder.move(BaseSystem::second_cnode, builder.retype(ObjectType::CapTable, 4));
    builder.move(BaseSystem::untyped_large, builder.retype(ObjectType::Untyped, 16));
    builder.move(BaseSystem::untyped_small, builder.retype(ObjectType::Untyped, 13));
    builder.move(BaseSystem::device_untyped,
                 builder.retype_from(builder.device(), ObjectType::Untyped, abi::size_bits::huge_page));
    const std::uint64_t endpoint = builder.retype(ObjectType::Endpoint);
    builder.mint(BaseSystem::badged_endpoint, endpoint, 5);
    builder.mint(BaseSystem::fault_endpoint, endpoint, 9);
    builder.move(BaseSystem::endpoint, endpoint);
    builder.move(BaseSystem::other_endpoint, builder.retype(ObjectType::Endpoint));
    builder.move(BaseSystem::notification, builder.retype(ObjectType::Notification));
    builder.move(BaseSystem::bound_notification, builder.retype(ObjectType::Notification));
    builder.copy(BaseSystem::initial_tcb, initial::tcb);
    builder.copy(BaseSystem::vspace, initial::vspace);
    const std::uint64_t other = builder.retype(ObjectType::Pml4);
    machine.must_call(initial::asid_pool, InvocationLabel::X86ASIDPoolAssign, {}, {other});
    builder.move(BaseSystem::other_vspace, other);
    builder.copy(BaseSystem::asid_control, initial::asid_control);
    builder.copy(BaseSystem::asid_pool, initial::asid_pool);
    builder.copy(BaseSystem::domain, initial::domain);
    machine.must_call(initial::irq_control, InvocationLabel::X86IRQIssueIRQHandlerIOAPIC,
                      {BaseSystem::irq_handler, space_radix, 0, 5, 0, 0, BaseSystem::irq_vector - 48},
                      {builder.space()});
    machine.must_call(initial::io_port_control, InvocationLabel::X86IOPortControlIssue,
                      {BaseSystem::first_port, BaseSystem::last_port, BaseSystem::io_port, space_radix},
                      {builder.space()});
    // Not derivable, so they leave the root CNode.
    builder.move(BaseSystem::irq_control, initial::irq_control);
    builder.move(BaseSystem::io_port_control, initial::io_port_control);
    for (std::uint64_t index = 0; index < 4; ++index) {
        const std::uint64_t frame = builder.retype(ObjectType::Page4K);
        if (index < BaseSystem::threads) {
            machine.must_call(frame, InvocationLabel::X86PageMap, {BaseSystem::buffers + index * page, all_rights, 0},
                              {initial::vspace});
        }
        builder.move(BaseSystem::frame + index, frame);
    }
    builder.move(BaseSystem::page_table, builder.retype(ObjectType::PageTable));
    builder.move(BaseSystem::free_vspace, builder.retype(ObjectType::Pml4));
}

void make_threads(Builder& builder) {
    Machine& machine = builder.machine();
    for (std::uint64_t index = 0; index < BaseSystem::threads; ++index) {
        builder.move(BaseSystem::tcb + index, builder.retype(ObjectType::Tcb));
    }
    // From here on the initial thread lives in the space, like all others.
    machine.must_call(initial::tcb, InvocationLabel::TCBSetSpace, {BaseSystem::fault_endpoint, whole_guard, 0},
                      {builder.space(), initial::vspace});
    for (std::uint64_t index = 0; index < BaseSystem::threads; ++index) {
        const std::uint64_t tcb = BaseSystem::tcb + index;
        machine.must_call(tcb, InvocationLabel::TCBConfigure,
                          {BaseSystem::fault_endpoint, whole_guard, 0, BaseSystem::buffers + index * page},
                          {BaseSystem::space_plain, BaseSystem::vspace, BaseSystem::frame + index});
        machine.must_call(tcb, InvocationLabel::TCBSetSchedParams, {200, 101 + index}, {BaseSystem::initial_tcb});
    }
    machine.must_call(BaseSystem::tcb, InvocationLabel::TCBBindNotification, {}, {BaseSystem::bound_notification});
    machine.must_call(BaseSystem::irq_handler, InvocationLabel::IRQSetIRQHandler, {}, {BaseSystem::notification});
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBSetPriority, {100}, {BaseSystem::initial_tcb});
}

/// Resumes a thread, which then runs because its priority is higher, and does one step of its own.
void start(Machine& machine, std::uint64_t tcb, const Step& first) {
    machine.call(tcb, InvocationLabel::TCBResume);
    if (&machine.running() == &machine.initial_thread()) {
        give_up("a thread of higher priority does not run");
    }
    machine.perform(first);
}

Step system_call(abi::Syscall call, std::uint64_t capability) {
    return Step{.call = abi::number(call), .capability = capability};
}

}  // namespace

BaseSystem BaseSystem::build(Machine& machine) {
    Builder builder{machine, space_radix};
    make_objects(builder);
    make_threads(builder);
    start(machine, tcb, system_call(abi::Syscall::Recv, other_endpoint));
    start(machine, tcb + 1, system_call(abi::Syscall::Call, badged_endpoint));
    machine.perform(system_call(abi::Syscall::Recv, endpoint));
    machine.call(tcb + 2, InvocationLabel::TCBSetPriority, {100}, {initial_tcb});
    machine.call(tcb + 2, InvocationLabel::TCBResume);
    if (&machine.running() != &machine.initial_thread()) {
        machine.perform(system_call(abi::Syscall::Yield, 0));
    }
    return {};
}

}  // namespace test
