// SPDX-License-Identifier: GPL-2.0-only
//
// Call, Reply and ReplyRecv: what arrives, who can answer whom, and that the short ways through the kernel, which a message
// of more than four words or with capabilities does not take, come to the same as the long ones.
#include "tests/unit/client.hpp"

namespace {

using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Client;
using test::grant_reply_right;
using test::grant_right;
using test::messages;
using test::Program;
using test::read_right;
using test::Result;
using test::Step;
using test::Words;
using test::write_right;

constexpr std::uint64_t service = Client::service;
constexpr std::uint64_t slot = Client::slot;

TEST("a Call's words reach the server, its reply's words the caller") {
    Client client;
    for (const Words& words : messages) {
        client.start_again();
        kernel::Tcb& server = client.server();
        client.mint(slot, service, Program::all_rights, 33);
        client.system_call(Syscall::Call, slot, words, {}, 77);
        CHECK(&client.machine.running() == &server);
        CHECK_EQUAL(client.badge(), 33U);
        CHECK_EQUAL(client.label(), 77U);
        CHECK(client.message() == words);
        CHECK(client.initial().state == ThreadState::blocked_on_reply);
        Words answer = words;
        for (std::uint64_t& word : answer) {
            word += 100;
        }
        client.system_call(Syscall::ReplyRecv, service, answer, {}, 78);
        CHECK(client.initial_runs());
        CHECK_EQUAL(client.badge(), 0U);
        CHECK_EQUAL(client.label(), 78U);
        CHECK(client.message() == answer);
        CHECK(server.state == ThreadState::blocked_on_receive);
    }
}

TEST("registers beyond a message keep what the receiver had in them") {
    using enum frame::Register;
    Client client;
    for (const std::size_t words : {0U, 1U, 2U, 3U}) {
        client.start_again();
        kernel::Tcb& server = client.server();
        for (const frame::Register reg : {r10, r8, r9, r15}) {
            server.context().set(reg, 0x99);
            client.initial().context().set(reg, 0x55);
        }
        client.system_call(Syscall::Call, service, Words(words, 0x11));
        for (std::size_t index = 0; index < abi::message::register_count; ++index) {
            CHECK_EQUAL(client.word(index), index < words ? 0x11U : 0x99U);
        }
    }
}

/// A Call through a capability with these rights, by a thread that comes before or after its server.
void check_call(Client& client, std::uint64_t rights, bool server_waits, const Words& words, ThreadState expected) {
    client.start_again();
    client.mint(slot, BaseSystem::endpoint, rights | write_right, 3);
    kernel::Tcb& other = client.yield_to_other();
    if (server_waits) {
        client.system_call(Syscall::Recv, BaseSystem::endpoint);
    } else {
        client.yield_to_initial();
    }
    client.system_call(Syscall::Call, slot, words);
    CHECK(&client.machine.running() == &other);
    if (!server_waits) {
        client.system_call(Syscall::Recv, BaseSystem::endpoint);
    }
    CHECK_EQUAL(client.badge(), 3U);
    CHECK(client.message() == words);
    CHECK_EQUAL(client.initial().state, expected);
    client.system_call(Syscall::Reply, 0, {6});
    CHECK_EQUAL(client.initial().is_runnable(), expected == ThreadState::blocked_on_reply);
}

TEST("a caller waits for a reply if its capability lets the server have one, and else stops") {
    struct Case {
        std::uint64_t rights;
        ThreadState expected;
    };
    constexpr std::array cases{Case{0, ThreadState::inactive}, Case{read_right, ThreadState::inactive},
                               Case{grant_right, ThreadState::blocked_on_reply},
                               Case{grant_reply_right, ThreadState::blocked_on_reply}};
    Client client;
    for (const Case& each : cases) {
        for (const bool server_waits : {false, true}) {
            for (const Words& words : messages) {
                check_call(client, each.rights, server_waits, words, each.expected);
            }
        }
    }
}

TEST("a Call without the Write right is refused, though a server waits that could answer") {
    Client client;
    client.server();
    client.mint(slot, service, read_right | grant_right | grant_reply_right, 0);
    client.refuses(test::refusal::capability(0), slot, InvocationLabel::UntypedRetype);
    CHECK(client.initial_runs());
}

TEST("ReplyRecv takes the next waiting message at once") {
    Client client;
    kernel::Tcb& other = client.yield_to_other();
    client.system_call(Syscall::Call, BaseSystem::endpoint, {7});
    client.system_call(Syscall::Recv, BaseSystem::endpoint);
    // The initial thread owes a reply, and the first thread is made to send as well.
    client.does(BaseSystem::tcb, InvocationLabel::TCBSetPriority, {150}, {BaseSystem::initial_tcb});
    client.system_call(Syscall::Send, service);
    CHECK(!client.initial_runs());
    client.system_call(Syscall::Send, BaseSystem::endpoint, {8});
    CHECK(client.initial_runs());
    client.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, {9});
    // Two threads woke: the better one runs, the other is ready, and the message is taken.
    CHECK_EQUAL(client.machine.running().priority, 150);
    CHECK(other.is_runnable());
    CHECK_EQUAL(other.context().get(frame::Register::r10), 9U);
    CHECK_EQUAL(client.initial().context().get(frame::Register::r10), 8U);
    CHECK(client.initial().is_runnable());
}

TEST("ReplyRecv at a bad address answers first, then faults") {
    Client client;
    for (const std::uint64_t address : {std::uint64_t{0x1234'0000}, BaseSystem::frame, slot}) {
        client.start_again();
        client.mint(slot, BaseSystem::endpoint, write_right, 0);
        kernel::Tcb& other = client.yield_to_other();
        client.system_call(Syscall::Call, BaseSystem::endpoint, {7});
        client.system_call(Syscall::Recv, BaseSystem::endpoint);
        CHECK_EQUAL(client.word(0), 7U);
        CHECK(client.system_call(Syscall::ReplyRecv, address, {9}).kind == Result::Kind::fault);
        CHECK(&client.machine.running() == &other);
        CHECK_EQUAL(client.word(0), 9U);
        CHECK_EQUAL(client.initial().fault.address, address);
    }
}

TEST("ReplyRecv without anybody to answer receives") {
    Client client;
    client.does(BaseSystem::space_plain, InvocationLabel::CNodeSaveCaller, {slot, Program::radix});
    client.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, {9});
    CHECK(client.initial().state == ThreadState::blocked_on_receive);
}

TEST("a thread that was resumed without an answer to its fault sends that fault next, whatever it calls") {
    Client client;
    kernel::Tcb& server = client.server();
    CHECK(client.machine.perform(Step{.kind = Step::Kind::exception, .number = 6}).kind == Result::Kind::fault);
    CHECK(client.initial().state == ThreadState::blocked_on_send);
    client.does(BaseSystem::initial_tcb, InvocationLabel::TCBResume);
    client.yield_to_initial();
    client.system_call(Syscall::Call, service, {1});
    CHECK(&client.machine.running() == &server);
    CHECK_EQUAL(client.label(), abi::number(abi::FaultType::UserException));
}

TEST("a server that was resumed without an answer to its fault replies with that fault, however it replies") {
    Client client;
    for (const Words& words : messages) {
        client.start_again();
        kernel::Tcb& server = client.server();
        // The thread that the server calls is its server now, and faulted before.
        CHECK(client.machine.perform(Step{.kind = Step::Kind::exception, .number = 6}).kind == Result::Kind::fault);
        client.does(BaseSystem::initial_tcb, InvocationLabel::TCBResume);
        client.yield_to_initial();
        client.system_call(Syscall::Recv, BaseSystem::endpoint);
        CHECK(!client.initial_runs());
        kernel::Tcb& caller = client.machine.running();
        client.system_call(Syscall::Call, BaseSystem::endpoint, {1});
        CHECK(client.initial_runs());
        client.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, words);
        CHECK(&client.machine.running() == &caller && &caller != &server);
        CHECK_EQUAL(client.label(), abi::number(abi::FaultType::UserException));
    }
}

}  // namespace
