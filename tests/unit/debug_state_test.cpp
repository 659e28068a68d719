// SPDX-License-Identifier: GPL-2.0-only
//
// Breakpoints and single stepping: what the processor is told, and what the invocations make of their arguments.
#include <frame/core.hpp>
#include <frame/debug_state.hpp>
#include "frame/host/processor.hpp"
#include "kernel/debug/breakpoint.hpp"
#include "kernel/ipc/message.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using frame::Breakpoint;
using frame::BreakpointKind;
using frame::BreakpointRegisters;
using frame::DebugState;
using frame::UserAddress;

TEST("a breakpoint becomes DR0 to DR3 and DR7 as the manual has them") {
    DebugState state;
    state.hold(0);
    state.set(0, {.address = UserAddress{0x1001}, .is_enabled = true});
    state.set(1, {.address = UserAddress{0x2000}, .kind = BreakpointKind::write, .bytes = 2, .is_enabled = true});
    state.set(2, {.address = UserAddress{0x3000}, .kind = BreakpointKind::access, .bytes = 4, .is_enabled = true});
    state.set(3, {.address = UserAddress{0x4000}, .kind = BreakpointKind::write, .bytes = 8, .is_enabled = true});
    const BreakpointRegisters registers = state.in_force();
    CHECK_EQUAL(registers.addresses[0], 0x1001U);
    CHECK_EQUAL(registers.addresses[1], 0x2000U);
    CHECK_EQUAL(registers.addresses[2], 0x3000U);
    CHECK_EQUAL(registers.addresses[3], 0x4000U);
    CHECK_EQUAL(registers.control, 0x9f50'00aaU);
    state.clear(2);
    CHECK_EQUAL(state.in_force().control, 0x9050'008aU);
    CHECK_EQUAL(state.in_force().addresses[2], 0U);
}

TEST("whatever is stored, only user addresses and a breakpoint's own bits reach the processor") {
    for (const std::uint64_t address : {std::uint64_t{0x8000'0000'0000}, std::uint64_t{0xffff'8000'0000'0000},
                                        std::uint64_t{0xffff'ff80'0000'0000}, ~std::uint64_t{0}}) {
        DebugState state;
        state.hold(0);
        state.set(0, {.address = UserAddress{0x1000}, .is_enabled = true});
        state.set(0, {.address = UserAddress{address}, .kind = BreakpointKind::write, .is_enabled = true});
        CHECK(state.in_force() == BreakpointRegisters{});
        CHECK(state.get(0) == Breakpoint{});
    }
    for (unsigned kind = 0; kind < 256; ++kind) {
        for (unsigned bytes = 0; bytes < 256; ++bytes) {
            DebugState state;
            state.hold(0);
            state.set(3, {.address = UserAddress{0x7fff'ffff'ffff},
                          .kind = static_cast<BreakpointKind>(kind & 3),
                          .bytes = static_cast<std::uint8_t>(bytes),
                          .is_enabled = true});
            CHECK_EQUAL(state.in_force().control & ~std::uint64_t{0xf000'0080}, 0U);
        }
    }
}

TEST("breakpoints are read as they were stored") {
    for (std::size_t index = 0; index < DebugState::count; ++index) {
        for (const BreakpointKind kind : {BreakpointKind::execute, BreakpointKind::write, BreakpointKind::access}) {
            for (const std::uint8_t bytes : {1, 2, 4, 8}) {
                for (const bool enabled : {false, true}) {
                    DebugState state;
                    const Breakpoint wanted{
                        .address = UserAddress{0x1000 + index * 8},
                        .kind = kind,
                        .bytes = kind == BreakpointKind::execute ? std::uint8_t{1} : bytes,
                        .is_enabled = enabled,
                    };
                    state.set(index, wanted);
                    CHECK(state.get(index) == wanted);
                    for (std::size_t other = 0; other < DebugState::count; ++other) {
                        CHECK(other == index || state.get(other) == Breakpoint{});
                    }
                }
            }
        }
    }
}

TEST("nothing is in force without a holder, and there are 32 of them") {
    DebugState state;
    state.set(0, {.address = UserAddress{0x1000}, .is_enabled = true});
    CHECK(state.in_force() == BreakpointRegisters{});
    state.hold(32);
    state.hold(0xffff);
    CHECK(state.in_force() == BreakpointRegisters{});
    state.hold(31);
    state.hold(0);
    state.release(0);
    CHECK_EQUAL(state.in_force().control, 2U);
    state.release(31);
    CHECK(state.in_force() == BreakpointRegisters{});
}

TEST("a step counts down to its last instruction") {
    DebugState state;
    CHECK(state.finish_step());
    state.step(3);
    CHECK(state.is_stepping());
    CHECK(!state.finish_step());
    CHECK(!state.finish_step());
    CHECK(state.finish_step());
    CHECK(state.finish_step());
    CHECK(state.is_stepping());
    state.step(0);
    CHECK(!state.is_stepping());
}

frame::Ref<kernel::Tcb> thread(test::World& world, test::World::Index slot) {
    return world.cap<frame::ThreadCap>(slot).tcb(world.phase());
}

/// Leaves the kernel for the thread in `slot`, as the machine's entry code does.
void run(test::World& world, test::World::Index slot) {
    frame::Core& core = frame::this_core(world.phase());
    core.switch_to(thread(world, slot));
    core.load_debug_state();
}

TEST("the processor has the running thread's breakpoints and nobody else's") {
    test::World world;
    const test::World::Index watched = world.carve(abi::ObjectType::Tcb);
    const test::World::Index free = world.carve(abi::ObjectType::Tcb);
    world.advance();
    DebugState& state = thread(world, watched)->block.debug;
    state.set(1, {.address = UserAddress{0x5000}, .kind = BreakpointKind::write, .bytes = 4, .is_enabled = true});
    state.hold(1);
    const frame::host::Processor& processor = frame::host::Processor::instance();
    run(world, watched);
    CHECK(processor.breakpoints == state.in_force());
    CHECK(processor.breakpoints.control != 0);
    frame::this_core(world.phase()).switch_to_idle();
    frame::this_core(world.phase()).load_debug_state();
    run(world, free);
    CHECK(processor.breakpoints == BreakpointRegisters{});
    run(world, watched);
    CHECK_EQUAL(processor.breakpoints.addresses[1], 0x5000U);
    state.clear(1);
    frame::this_core(world.phase()).load_debug_state();
    CHECK(processor.breakpoints == BreakpointRegisters{});
}

TEST("a stepping thread has the trap flag whenever it runs, whatever its registers are set to") {
    test::World world;
    const test::World::Index stepped = world.carve(abi::ObjectType::Tcb);
    const test::World::Index free = world.carve(abi::ObjectType::Tcb);
    world.advance();
    frame::UserContext& context = thread(world, stepped)->context();
    kernel::step(*thread(world, stepped), 1);
    for (int round = 0; round < 2; ++round) {
        run(world, stepped);
        CHECK_EQUAL(context.get(frame::Register::rflags) & frame::rflags::trap, frame::rflags::trap);
        context.set(frame::Register::rflags, frame::rflags::trap);
        CHECK_EQUAL(context.get(frame::Register::rflags) & frame::rflags::trap, 0U);
    }
    run(world, free);
    CHECK_EQUAL(thread(world, free)->context().get(frame::Register::rflags) & frame::rflags::trap, 0U);
    run(world, stepped);
    kernel::step(*thread(world, stepped), 0);
    CHECK_EQUAL(context.get(frame::Register::rflags) & frame::rflags::trap, 0U);
}

TEST("what a debug event means for the thread that it stopped") {
    test::World world;
    const test::World::Index slot = world.carve(abi::ObjectType::Tcb);
    world.advance();
    kernel::Tcb& tcb = *thread(world, slot);
    tcb.block.debug.set(
        2, {.address = UserAddress{0x6000}, .kind = BreakpointKind::access, .bytes = 1, .is_enabled = true});
    tcb.block.debug.set(3, {.address = UserAddress{0x7000}, .is_enabled = true});
    const std::optional<kernel::Fault> software = kernel::debug_fault(tcb, {.is_software_break = true});
    CHECK_EQUAL(software->code, abi::breakpoint::software_break_request);
    // The lowest breakpoint before the others, and all of them before a step.
    const std::optional<kernel::Fault> data = kernel::debug_fault(tcb, {.is_single_step = true, .breakpoints = 0xc});
    CHECK_EQUAL(data->code, abi::breakpoint::data_breakpoint);
    CHECK_EQUAL(data->address, 0x6000U);
    CHECK_EQUAL(data->number, 2U);
    const std::optional<kernel::Fault> instruction = kernel::debug_fault(tcb, {.breakpoints = 8});
    CHECK_EQUAL(instruction->code, abi::breakpoint::instruction_breakpoint);
    CHECK_EQUAL(instruction->number, 3U);
    CHECK(!kernel::debug_fault(tcb, {}).has_value());
    kernel::step(tcb, 2);
    CHECK(!kernel::debug_fault(tcb, {.is_single_step = true}).has_value());
    CHECK_EQUAL(tcb.context().get(frame::Register::rflags) & frame::rflags::resume, frame::rflags::resume);
    CHECK_EQUAL(kernel::debug_fault(tcb, {.is_single_step = true})->code, abi::breakpoint::single_step);
}

}  // namespace
