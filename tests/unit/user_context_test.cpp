// SPDX-License-Identifier: GPL-2.0-only
//
// What a user program can put into registers, and into the IPC buffer, without gaining by it.
#include <frame/ipc_buffer.hpp>
#include <frame/user_context.hpp>
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using frame::Register;
using frame::UserContext;

TEST("an address that is not canonical becomes 0 where loading it would fault") {
    UserContext context;
    for (const Register reg : {Register::next_ip, Register::fault_ip, Register::fs_base, Register::gs_base}) {
        for (const std::uint64_t good : {std::uint64_t{0}, std::uint64_t{0x7fff'ffff'ffff},
                                         std::uint64_t{0xffff'8000'0000'0000}, ~std::uint64_t{0}}) {
            context.set(reg, good);
            CHECK_EQUAL(context.get(reg), good);
        }
        for (const std::uint64_t bad : {std::uint64_t{0x8000'0000'0000}, std::uint64_t{0xffff'7fff'ffff'ffff},
                                        std::uint64_t{0x1234'5678'9abc'def0}}) {
            context.set(reg, bad);
            CHECK_EQUAL(context.get(reg), 0U);
        }
    }
    context.set(Register::rsp, 0x8000'0000'0000);
    CHECK_EQUAL(context.get(Register::rsp), 0x8000'0000'0000U);
}

TEST("RFLAGS keeps what a program may choose: never IOPL, TF, NT, AC or interrupts off") {
    UserContext context;
    CHECK_EQUAL(context.get(Register::rflags), 0x202U);
    for (unsigned bit = 0; bit < 64; ++bit) {
        context.set(Register::rflags, std::uint64_t{1} << bit);
        const std::uint64_t kept = context.get(Register::rflags);
        CHECK_EQUAL(kept & 0x202U, 0x202U);
        const std::uint64_t chosen = kept & ~std::uint64_t{0x202};
        const bool is_free = ((std::uint64_t{0xcd5} >> bit) & 1) != 0;
        CHECK_EQUAL(chosen, is_free ? std::uint64_t{1} << bit : 0U);
    }
}

TEST("the selectors stay the user's") {
    UserContext context;
    context.set(Register::cs, 0x08);
    context.set(Register::ss, 0x10);
    CHECK_EQUAL(context.get(Register::cs) & 3, 3U);
    CHECK_EQUAL(context.get(Register::ss) & 3, 3U);
}

TEST("a context changed from outside is loaded in full") {
    UserContext context;
    context.set(Register::error, ~std::uint64_t{0});
    CHECK(!context.is_syscall_entry());
}

TEST("an IPC buffer stays inside its frame, whatever address it was given") {
    test::World world;
    const test::World::Index page = world.carve(abi::ObjectType::Page4K);
    world.advance();
    const frame::FrameCap cap = world.cap<frame::FrameCap>(page);
    for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{0xc00}, std::uint64_t{0xfff}, ~std::uint64_t{0},
                                        std::uint64_t{0x1234'5678'9abc'def0}}) {
        const std::optional<frame::IpcBuffer> buffer =
            frame::IpcBuffer::in(world.phase(), cap, frame::UserAddress{address}, true);
        CHECK(buffer.has_value());
        buffer->set_message(119, address);
        buffer->set_cap_or_badge(2, 7);
        const frame::PhysicalAddress start = cap.start().plus(address & 0xc00);
        CHECK_EQUAL(frame::host::Arena::read_user(start.plus(120 * 8)), address);
        CHECK_EQUAL(frame::host::Arena::read_user(start.plus(124 * 8)), 7U);
    }
    const std::optional<frame::IpcBuffer> buffer =
        frame::IpcBuffer::in(world.phase(), cap, frame::UserAddress{0}, true);
    CHECK_DIES("beyond the IPC buffer", [&] { buffer->set_message(120, 1); });
    CHECK_DIES("beyond the IPC buffer", [&] { (void)buffer->cap_or_badge(3); });
}

TEST("an IPC buffer wants RAM and the access that is asked for") {
    test::World world;
    const frame::UserAddress address{0};
    const frame::Capability none{};
    CHECK(!frame::IpcBuffer::in(world.phase(), none, address, false).has_value());
    const test::World::Index page = world.carve(abi::ObjectType::Page4K);
    const test::World::Index device = world.carve_device(abi::ObjectType::Page4K);
    world.advance();
    CHECK(!frame::IpcBuffer::in(world.phase(), world.cap<frame::FrameCap>(device), address, false).has_value());
    const frame::FrameCap read_only = world.cap<frame::FrameCap>(page).restricted_to(frame::VmRights::read_only);
    CHECK(frame::IpcBuffer::in(world.phase(), read_only, address, false).has_value());
    CHECK(!frame::IpcBuffer::in(world.phase(), read_only, address, true).has_value());
    const frame::FrameCap hidden = world.cap<frame::FrameCap>(page).restricted_to(frame::VmRights::kernel_only);
    CHECK(!frame::IpcBuffer::in(world.phase(), hidden, address, false).has_value());
}

}  // namespace
