// SPDX-License-Identifier: GPL-2.0-only
//
// CNode invocations as a program makes them: what is refused and how, and what moves where.
#include "tests/unit/program.hpp"

namespace {

using abi::CapabilityTag;
using abi::InvocationLabel;
using abi::Syscall;
using test::BaseSystem;
using test::Program;
using test::Result;
using test::Step;
using test::Words;
namespace refusal = test::refusal;

constexpr std::uint64_t space = BaseSystem::space_plain;
constexpr std::uint64_t radix = Program::radix;
constexpr std::uint64_t slot = Program::slot;

TEST("each CNode invocation wants all its words and capabilities") {
    Program program;
    const auto truncated = [&](InvocationLabel label, Words words, Words caps,
                               std::source_location where = std::source_location::current()) {
        program.refuses(refusal::truncated(), space, label, std::move(words), std::move(caps), where);
    };
    const std::uint64_t from = BaseSystem::endpoint;
    truncated(InvocationLabel::CNodeDelete, {slot}, {});
    truncated(InvocationLabel::CNodeMove, {slot, radix, from}, {space});
    truncated(InvocationLabel::CNodeMove, {slot, radix, from, radix}, {});
    truncated(InvocationLabel::CNodeCopy, {slot, radix, from, radix}, {space});
    truncated(InvocationLabel::CNodeMint, {slot, radix, from, radix, 15}, {space});
    truncated(InvocationLabel::CNodeMutate, {slot, radix, from, radix}, {space});
    truncated(InvocationLabel::CNodeRotate, {slot, radix, 0, from, radix, 0, from + 1}, {space, space});
    truncated(InvocationLabel::CNodeRotate, {slot, radix, 0, from, radix, 0, from + 1, radix}, {space});
    truncated(InvocationLabel::CNodeRotate, {slot, radix, 0, from, radix, 0, from + 1, radix}, {});
    CHECK(program.kind_of(slot) == CapabilityTag::Null);
    CHECK(program.kind_of(from) == CapabilityTag::Endpoint);
}

TEST("capabilities that cannot be copied are not") {
    Program program;
    program.does(space, InvocationLabel::CNodeSaveCaller, {slot, radix});
    CHECK(program.kind_of(slot) == CapabilityTag::Reply);
    for (const std::uint64_t from : {slot, BaseSystem::irq_control, BaseSystem::io_port_control, BaseSystem::page_table,
                                     BaseSystem::free_vspace}) {
        program.refuses(refusal::illegal(), space, InvocationLabel::CNodeCopy, {slot + 1, radix, from, radix, 15},
                        {space});
    }
    // It still is what it was: the caller is answered.
    CHECK(program.system_call(Syscall::Send, slot).kind != Result::Kind::fault);
    CHECK(program.kind_of(slot) == CapabilityTag::Null);
}

TEST("an address that ends with a guard leads to the CNode itself, which no slot is") {
    Program program;
    constexpr std::uint64_t guard = 5, guard_size = 3;
    program.mint(slot, space, Program::all_rights, guard << 6 | guard_size);
    const auto refuses = [&](std::uint64_t address, std::uint64_t depth, Words fault) {
        program.refuses({abi::Error::FailedLookup, std::move(fault)}, slot, InvocationLabel::CNodeDelete,
                        {address, depth});
    };
    constexpr std::uint64_t guard_mismatch = abi::number(abi::LookupFailure::GuardMismatch);
    constexpr std::uint64_t depth_mismatch = abi::number(abi::LookupFailure::DepthMismatch);
    refuses(guard, guard_size, {0, depth_mismatch, guard_size, guard_size + radix});
    refuses(guard + 1, guard_size, {0, guard_mismatch, guard_size, guard, guard_size});
    refuses(guard, guard_size - 1, {0, guard_mismatch, guard_size - 1, guard, guard_size});
}

TEST("SaveCaller wants an empty slot, and without a caller leaves it empty") {
    Program program;
    program.refuses(refusal::delete_first(), space, InvocationLabel::CNodeSaveCaller, {BaseSystem::endpoint, radix});
    program.does(space, InvocationLabel::CNodeSaveCaller, {slot, radix});
    program.does(space, InvocationLabel::CNodeSaveCaller, {slot + 1, radix});
    CHECK(program.kind_of(slot + 1) == CapabilityTag::Null);
}

TEST("CancelBadgedSends wants an endpoint capability with all rights") {
    Program program;
    for (unsigned right = 0; right < 4; ++right) {
        program.mint(slot, BaseSystem::endpoint, Program::all_rights & ~(std::uint64_t{1} << right), 7);
        program.refuses(refusal::illegal(), space, InvocationLabel::CNodeCancelBadgedSends, {slot, radix});
        program.erase(slot);
    }
    program.refuses(refusal::illegal(), space, InvocationLabel::CNodeCancelBadgedSends,
                    {BaseSystem::notification, radix});
    program.does(space, InvocationLabel::CNodeCancelBadgedSends, {BaseSystem::endpoint, radix});
    program.mint(slot, BaseSystem::other_endpoint, Program::all_rights, 7);
    program.does(space, InvocationLabel::CNodeCancelBadgedSends, {slot, radix});
    // Threads that receive are not touched: the one that waits there gets this.
    program.system_call(Syscall::Send, slot);
    CHECK(!program.initial_runs());
    CHECK_EQUAL(program.badge(), 7U);
}

constexpr std::uint64_t first = BaseSystem::tcb;
constexpr std::uint64_t second = BaseSystem::page_table;

Words rotation(std::uint64_t destination, std::uint64_t pivot, std::uint64_t source) {
    return {destination, radix, 0, pivot, radix, 0, source, radix};
}

TEST("Rotate moves the pivot to the destination and the source to the pivot") {
    Program program;
    program.does(space, InvocationLabel::CNodeRotate, rotation(slot, first, second), {space, space});
    CHECK(program.kind_of(slot) == CapabilityTag::Thread);
    CHECK(program.kind_of(first) == CapabilityTag::PageTable);
    CHECK(program.kind_of(second) == CapabilityTag::Null);
}

TEST("Rotate with the source as destination exchanges two capabilities") {
    Program program;
    program.does(space, InvocationLabel::CNodeRotate, rotation(second, first, second), {space, space});
    CHECK(program.kind_of(second) == CapabilityTag::Thread);
    CHECK(program.kind_of(first) == CapabilityTag::PageTable);
    program.does(second, InvocationLabel::TCBResume);
}

TEST("Rotate is refused for the first thing that is wrong") {
    Program program;
    const auto refuses = [&](const test::Refusal& expected, Words words, std::uint64_t pivot_root, std::uint64_t root,
                             std::source_location where = std::source_location::current()) {
        program.refuses(expected, space, InvocationLabel::CNodeRotate, std::move(words), {pivot_root, root}, where);
    };
    refuses(refusal::no_root(true), rotation(slot, first, second), space, BaseSystem::endpoint);
    refuses(refusal::no_root(true), rotation(slot, first, second), BaseSystem::endpoint, space);
    refuses(refusal::illegal(), rotation(slot, first, first), space, space);
    refuses(refusal::illegal(), rotation(first, first, second), space, space);
    refuses(refusal::delete_first(), rotation(BaseSystem::endpoint, first, second), space, space);
    refuses(refusal::missing(true, radix), rotation(slot, first, slot + 1), space, space);
    refuses(refusal::missing(false, radix), rotation(slot, slot + 1, second), space, space);
    // The data words would change a badge, which only Mint may do.
    refuses(refusal::illegal(), rotation(slot, first, BaseSystem::endpoint), space, space);
    refuses(refusal::illegal(), rotation(slot, BaseSystem::notification, second), space, space);
    CHECK(program.kind_of(first) == CapabilityTag::Thread);
    CHECK(program.kind_of(second) == CapabilityTag::PageTable);
    CHECK(program.kind_of(slot) == CapabilityTag::Null);
}

TEST("a half deleted CNode can neither be used nor copied; another thread may finish the deletion") {
    Program program;
    constexpr std::uint64_t victim = BaseSystem::second_cnode;
    for (std::uint64_t index = 0; index < 16; ++index) {
        program.does(victim, InvocationLabel::CNodeCopy, {index, 4, BaseSystem::endpoint, radix, 15}, {space});
    }
    // The other thread is the better one, and waits for the interrupt that stops the deletion.
    program.yield_to_other();
    program.system_call(Syscall::Recv, BaseSystem::notification);
    program.does(BaseSystem::tcb + 2, InvocationLabel::TCBSetPriority, {150}, {BaseSystem::initial_tcb});
    program.machine.perform(Step{.capability = space,
                                 .info = abi::message_info::make(abi::number(InvocationLabel::CNodeDelete), 0, 0, 2),
                                 .words = {victim, radix},
                                 .preemptions = 4,
                                 .preempting_vector = BaseSystem::irq_vector});
    CHECK(!program.initial_runs());
    CHECK(program.kind_of(victim) == CapabilityTag::Zombie);
    program.refuses(refusal::capability(0), victim, InvocationLabel::CNodeDelete, {0, 4});
    program.refuses(refusal::illegal(), space, InvocationLabel::CNodeCopy, {slot, radix, victim, radix, 15}, {space});
    CHECK(program.system_call(Syscall::NBSend, victim).kind == Result::Kind::sent);
    program.erase(victim);
    CHECK(program.kind_of(victim) == CapabilityTag::Null);
    program.system_call(Syscall::Recv, BaseSystem::notification);
    CHECK(program.initial_runs());
    CHECK(program.machine.perform(Step{.kind = Step::Kind::repeat}) == Result{});
}

TEST("a thread that deletes the last capability to itself is gone") {
    Program program;
    program.erase(BaseSystem::tcb + 1);
    const std::uint64_t self = BaseSystem::tcb + 2;
    program.yield_to_other();
    const Result result = program.machine.call(space, InvocationLabel::CNodeDelete, {self, radix});
    CHECK(result.kind == Result::Kind::gone);
    CHECK(program.initial_runs());
    CHECK(program.kind_of(self) == CapabilityTag::Null);
}

TEST("a capability is deleted, and what others hold of the object stays") {
    Program program;
    program.copy(slot, BaseSystem::irq_handler);
    program.erase(slot);
    program.does(BaseSystem::irq_handler, InvocationLabel::IRQAckIRQ);
    program.copy(slot, BaseSystem::asid_control);
    program.erase(slot);
    CHECK(program.kind_of(slot) == CapabilityTag::Null);
    CHECK(program.kind_of(BaseSystem::asid_control) == CapabilityTag::AsidControl);
}

TEST("an index leads through CNodes within CNodes, and what is in its way is named") {
    Program program;
    constexpr std::uint64_t inner = BaseSystem::second_cnode;
    constexpr std::uint64_t inner_radix = 4;
    const auto copy_to = [](std::uint64_t index, std::uint64_t depth) {
        return Words{index, depth, BaseSystem::endpoint, radix, 15};
    };
    const auto refuses = [&](std::uint64_t index, std::uint64_t depth, abi::LookupFailure kind, Words words,
                             std::source_location where = std::source_location::current()) {
        words.insert(words.begin(), {0, abi::number(kind)});
        program.refuses({abi::Error::FailedLookup, words}, space, InvocationLabel::CNodeCopy, copy_to(index, depth),
                        {space}, where);
    };
    program.does(space, InvocationLabel::CNodeCopy, copy_to(inner << inner_radix | 5, radix + inner_radix), {space});
    program.refuses(refusal::delete_first(), inner, InvocationLabel::CNodeCopy, copy_to(5, inner_radix), {space});
    // Two bits are left where the inner CNode takes four; two are left in the end where nothing takes any.
    refuses(inner << 2, radix + 2, abi::LookupFailure::DepthMismatch, {2, inner_radix});
    refuses(BaseSystem::endpoint << 2, radix + 2, abi::LookupFailure::DepthMismatch, {2, 0});
    // The same CNode behind a guard of three bits that shall be 101.
    constexpr std::uint64_t guarded = slot + 1;
    program.mint(guarded, inner, 0, abi::cnode_cap_data::make(5, 3));
    program.does(space, InvocationLabel::CNodeCopy,
                 copy_to((guarded << 3 | 5) << inner_radix | 6, radix + 3 + inner_radix), {space});
    refuses((guarded << 3 | 4) << inner_radix | 6, radix + 3 + inner_radix, abi::LookupFailure::GuardMismatch,
            {3 + inner_radix, 5, 3});
    refuses(guarded << 2 | 2, radix + 2, abi::LookupFailure::GuardMismatch, {2, 5, 3});
    refuses((guarded << 3 | 5) << 2, radix + 3 + 2, abi::LookupFailure::DepthMismatch, {5, 3 + inner_radix});
    for (const std::uint64_t depth : {0U, 65U}) {
        program.refuses(refusal::range(1, 64), space, InvocationLabel::CNodeCopy, copy_to(slot, depth), {space});
    }
}

}  // namespace
