// SPDX-License-Identifier: GPL-2.0-only
//
// Threads that talk, and what becomes of it when one of them goes: whole systems, by system calls.
#include "frame/host/processor.hpp"
#include "kernel/object/tcb.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/machine/machine.hpp"
#include "tests/support/test.hpp"

namespace {

using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Machine;
using test::Result;
using test::Step;

constexpr std::uint64_t radix = 6;
constexpr std::uint64_t all_rights = 15;
/// Slots of the space that are empty.
constexpr std::uint64_t free_slot = BaseSystem::first_empty;

Result call(Machine& machine, Syscall number, std::uint64_t capability = 0) {
    return machine.perform(Step{.call = abi::number(number), .capability = capability});
}

void mint(Machine& machine, std::uint64_t to, std::uint64_t from, std::uint64_t badge) {
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeMint, {to, radix, from, radix, all_rights, badge},
                      {BaseSystem::space_plain});
}

void erase(Machine& machine, std::uint64_t slot) {
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeDelete, {slot, radix});
}

/// The initial thread lets the other ready thread, of equal priority, run.
kernel::Tcb& yield_to_other(Machine& machine) {
    CHECK(&machine.running() == &machine.initial_thread());
    call(machine, Syscall::Yield);
    CHECK(&machine.running() != &machine.initial_thread());
    return machine.running();
}

TEST("a bound thread is deleted, and its notification is free") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    erase(machine, BaseSystem::tcb);
    // Bound to a thread that waits it would wake that one; now it keeps the signal, and can be bound again.
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBBindNotification, {},
                      {BaseSystem::bound_notification});
}

TEST("the FPU's owner is deleted by a thread that has no FPU") {
    constexpr std::uint64_t fpu_disabled = 1;
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBSetFlags, {0, fpu_disabled});
    yield_to_other(machine);
    call(machine, Syscall::Yield);
    CHECK(&machine.running() == &machine.initial_thread());
    erase(machine, BaseSystem::tcb + 2);
}

TEST("each thread finds in the FPU what it left there") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    constexpr std::size_t in_xmm0 = 160;
    unsigned char& byte = frame::host::FpuRegisters::instance().bytes[in_xmm0];
    byte = 0xaa;
    yield_to_other(machine);
    CHECK_EQUAL(byte, 0U);
    byte = 0xbb;
    call(machine, Syscall::Yield);
    CHECK_EQUAL(byte, 0xaaU);
    yield_to_other(machine);
    CHECK_EQUAL(byte, 0xbbU);
}

TEST("signals gather their badges until somebody takes them") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    mint(machine, free_slot, BaseSystem::notification, 1);
    mint(machine, free_slot + 1, BaseSystem::notification, 2);
    call(machine, Syscall::Send, free_slot);
    call(machine, Syscall::Send, free_slot + 1);
    call(machine, Syscall::NBRecv, BaseSystem::notification);
    CHECK_EQUAL(machine.running().context().get(frame::Register::rdi), 3U);
}

TEST("CancelBadgedSends restarts the senders with that badge, and no others") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    constexpr std::uint64_t other_badge = free_slot;
    mint(machine, other_badge, BaseSystem::endpoint, 6);
    // The first thread waits for a message, gets one, and sends with the other badge.
    call(machine, Syscall::Send, BaseSystem::other_endpoint);
    kernel::Tcb& with_other_badge = machine.running();
    CHECK(&with_other_badge != &machine.initial_thread());
    CHECK(call(machine, Syscall::Send, other_badge).kind == Result::Kind::blocked);
    while (&machine.running() != &machine.initial_thread()) {
        call(machine, Syscall::Yield);
    }
    kernel::Tcb& with_badge = yield_to_other(machine);
    CHECK(call(machine, Syscall::Send, BaseSystem::badged_endpoint).kind == Result::Kind::blocked);
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeCancelBadgedSends,
                      {BaseSystem::badged_endpoint, radix});
    CHECK(with_badge.is_runnable());
    CHECK(with_other_badge.state == ThreadState::blocked_on_send);
}

}  // namespace
