// SPDX-License-Identifier: GPL-2.0-only
//
// Capabilities that messages carry: which of them are passed, where they arrive, and what becomes of the message without.
#include "tests/unit/client.hpp"

namespace {

using abi::CapabilityTag;
using abi::Syscall;
using test::BaseSystem;
using test::Client;
using test::grant_reply_right;
using test::grant_right;
using test::Program;
using test::read_right;
using test::Result;
using test::Step;
using test::Words;
using test::write_right;

constexpr std::uint64_t service = Client::service;
constexpr std::uint64_t slot = Client::slot;

TEST("a Call that announces capabilities without the right to pass them is answered all the same") {
    Client client;
    client.server();
    client.mint(slot, service, write_right | grant_reply_right, 3);
    client.system_call(Syscall::Call, slot, {1}, {BaseSystem::notification});
    CHECK(!client.initial_runs());
    CHECK_EQUAL(client.badge(), 3U);
    CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 0U);
    client.system_call(Syscall::Reply, 0, {2});
    CHECK(client.initial().is_runnable());
}

TEST("a server that receives without the Grant right can answer, but not pass capabilities") {
    Client client;
    for (const bool grants : {false, true}) {
        client.start_again();
        client.mint(slot, BaseSystem::endpoint, read_right | (grants ? grant_right : 0), 0);
        client.yield_to_other();
        client.system_call(Syscall::Recv, slot);
        client.machine.perform(Step{.capability = BaseSystem::endpoint,
                                    .info = abi::message_info::make(0, 0, 0, 1),
                                    .words = {1},
                                    .receive = {{BaseSystem::space_plain, slot + 1, Program::radix}}});
        CHECK(!client.initial_runs());
        client.system_call(Syscall::Reply, 0, {2}, {BaseSystem::notification});
        client.yield_to_initial();
        CHECK_EQUAL(client.word(0), 2U);
        CHECK_EQUAL(abi::message_info::extra_caps(client.info()), grants ? 1U : 0U);
        CHECK(client.kind_of(slot + 1) == (grants ? CapabilityTag::Notification : CapabilityTag::Null));
    }
}

TEST("of a capability to the endpoint itself only the badge is passed; others fill the one slot") {
    Client client;
    kernel::Tcb& server = client.server();
    client.mint(slot, service, Program::all_rights, 77);
    client.mint(slot + 1, service, Program::all_rights, 78);
    client.system_call(Syscall::Call, service, {1}, {slot, BaseSystem::notification, slot + 1});
    CHECK(&client.machine.running() == &server);
    CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 3U);
    CHECK_EQUAL(abi::message_info::caps_unwrapped(client.info()), 5U);
    CHECK_EQUAL(client.cap_or_badge(0), 77U);
    CHECK_EQUAL(client.cap_or_badge(2), 78U);
    CHECK(client.kind_of(slot + 8) == CapabilityTag::Notification);
}

TEST("capabilities stop being passed at the first that does not fit, or that cannot be copied") {
    struct Case {
        Words caps;
        std::uint64_t passed;
    };
    const std::array cases{Case{{BaseSystem::notification, BaseSystem::frame, service}, 1},
                           Case{{BaseSystem::irq_control, BaseSystem::frame}, 0}, Case{{BaseSystem::page_table}, 0},
                           Case{{slot}, 0}, Case{{service, BaseSystem::frame}, 2}};
    Client client;
    for (const Case& each : cases) {
        client.start_again();
        kernel::Tcb& server = client.server();
        client.system_call(Syscall::Send, service, {1}, each.caps);
        CHECK(&client.machine.running() == &server);
        CHECK_EQUAL(abi::message_info::extra_caps(client.info()), each.passed);
    }
}

TEST("where the receiver named no slot for a capability, none is passed") {
    struct Case {
        std::uint64_t cnode, index;
    };
    constexpr std::array cases{Case{0x1234'0000, slot}, Case{BaseSystem::frame, slot},
                               Case{BaseSystem::space_plain, BaseSystem::endpoint}};
    Client client;
    for (const Case& each : cases) {
        client.start_again();
        client.system_call(Syscall::Send, service);
        client.machine.perform(Step{.call = abi::number(Syscall::Recv),
                                    .capability = service,
                                    .receive = {{each.cnode, each.index, Program::radix}}});
        client.system_call(Syscall::Send, service, {1}, {BaseSystem::notification});
        CHECK(!client.initial_runs());
        CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 0U);
        CHECK_EQUAL(client.word(0), 1U);
    }
}

TEST("without the Grant right no capability is passed") {
    Client client;
    client.server();
    client.mint(slot, service, write_right, 0);
    client.system_call(Syscall::Send, slot, {1}, {BaseSystem::notification});
    CHECK(!client.initial_runs());
    CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 0U);
}

TEST("an address among a message's capabilities that leads nowhere is the sender's fault, unless it must not wait") {
    Client client;
    client.system_call(Syscall::NBSend, service, {1}, {0x1234'0000});
    CHECK(client.initial_runs());
    client.system_call(Syscall::NBSend, 0x1234'0000, {1});
    CHECK(client.initial_runs());
    CHECK(client.system_call(Syscall::Send, service, {1}, {0x1234'0000}).kind == Result::Kind::fault);
    CHECK_EQUAL(client.initial().fault.address, 0x1234'0000U);
    CHECK(!client.initial_runs());
}

TEST("capabilities whose addresses lead nowhere by the time the message is taken are not passed") {
    Client client;
    kernel::Tcb& other = client.yield_to_other();
    client.system_call(Syscall::Send, BaseSystem::endpoint, {1, 2}, {BaseSystem::notification});
    CHECK(client.initial_runs());
    // The two share an address space, so the sender's buffer can still be written to.
    CHECK(client.machine.store(other.ipc_buffer.value() + abi::ipc_buffer::caps_or_badges * 8, 0x1234'0000));
    client.system_call(Syscall::Recv, BaseSystem::endpoint);
    CHECK(client.message() == Words({1, 2}));
    CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 0U);
    CHECK(other.is_runnable());
}

}  // namespace
