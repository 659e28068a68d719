// SPDX-License-Identifier: GPL-2.0-only
//
// Send, Recv and their kinds that do not wait: rights, IPC buffers, and sends that are cancelled.
#include "tests/unit/client.hpp"

namespace {

using abi::CapabilityTag;
using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Client;
using test::Program;
using test::read_right;
using test::Result;
using test::Step;
using test::Words;

constexpr std::uint64_t service = Client::service;
constexpr std::uint64_t slot = Client::slot;

TEST("sending without the Write right is refused, receiving by NBRecv where nobody sends gets nothing") {
    Client client;
    client.mint(slot, service, read_right, 0);
    client.mint(slot + 1, BaseSystem::notification, read_right, 0);
    CHECK(client.machine.call(slot, InvocationLabel::UntypedRetype).kind == Result::Kind::error);
    CHECK(client.machine.call(slot + 1, InvocationLabel::UntypedRetype).kind == Result::Kind::error);
    CHECK_EQUAL(client.word(0), 0U);
    client.system_call(Syscall::Send, slot + 1);
    client.system_call(Syscall::NBRecv, BaseSystem::notification);
    CHECK_EQUAL(client.badge(), 0U);
    client.system_call(Syscall::NBRecv, BaseSystem::endpoint);
    CHECK_EQUAL(client.badge(), 0U);
    client.system_call(Syscall::NBSend, BaseSystem::endpoint, {1});
    client.system_call(Syscall::NBRecv, BaseSystem::endpoint);
    CHECK_EQUAL(client.badge(), 0U);
    CHECK(client.initial_runs());
}

TEST("messages of a thread without an IPC buffer have as many words as its registers hold") {
    Client client;
    client.server();
    client.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetIPCBuffer, {0}, {BaseSystem::frame});
    client.system_call(Syscall::Send, service, {1, 2, 3, 4, 5, 6}, {BaseSystem::notification});
    CHECK(!client.initial_runs());
    CHECK(client.message() == Words({1, 2, 3, 4}));
    CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 0U);
}

TEST("a receiver without an IPC buffer gets as many words as its registers hold") {
    Client client;
    kernel::Tcb& server = client.server();
    client.does(BaseSystem::tcb, InvocationLabel::TCBSetIPCBuffer, {0}, {BaseSystem::frame});
    client.system_call(Syscall::Send, service, {1, 2, 3, 4, 5, 6}, {BaseSystem::notification});
    CHECK(&client.machine.running() == &server);
    CHECK(client.message() == Words({1, 2, 3, 4}));
    CHECK_EQUAL(abi::message_info::extra_caps(client.info()), 0U);
}

TEST("a thread may invoke and send out of an IPC buffer that it can only read") {
    Client client;
    client.server();
    constexpr std::uint64_t frame = BaseSystem::frame + 3;
    constexpr std::uint64_t buffer = 0x51'0000;
    client.mint(slot, frame, read_right, 0);
    client.does(frame, InvocationLabel::X86PageMap, {buffer, 3, 0}, {BaseSystem::vspace});
    client.does(slot, InvocationLabel::X86PageMap, {0x50'0000, 1, 0}, {BaseSystem::vspace});
    client.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetIPCBuffer, {0x50'0000}, {slot});
    const auto store = [&](std::uint64_t word, std::uint64_t value) {
        client.machine.perform(Step{.kind = Step::Kind::write, .address = buffer + 8 * word, .value = value});
    };
    store(abi::ipc_buffer::msg + 4, Program::all_rights);
    store(abi::ipc_buffer::caps_or_badges, BaseSystem::space_plain);
    client.machine.perform(Step{.call = abi::number(Syscall::Send),
                                .capability = BaseSystem::space_plain,
                                .info = abi::message_info::make(abi::number(InvocationLabel::CNodeCopy), 0, 1, 5),
                                .words = {slot + 1, Program::radix, BaseSystem::endpoint, Program::radix}});
    CHECK(client.initial_runs());
    CHECK(client.kind_of(slot + 1) == CapabilityTag::Endpoint);
    store(abi::ipc_buffer::msg + 5, 0x66);
    client.machine.perform(Step{.call = abi::number(Syscall::Send),
                                .capability = service,
                                .info = abi::message_info::make(0, 0, 0, 6),
                                .words = {1, 2, 3, 4}});
    CHECK(!client.initial_runs());
    CHECK(client.message() == (Words{1, 2, 3, 4, Program::all_rights, 0x66}));
}

TEST("the last sender with a badge is cancelled, and the endpoint is free") {
    Client client;
    kernel::Tcb& other = client.yield_to_other();
    client.system_call(Syscall::Send, BaseSystem::badged_endpoint, {1});
    CHECK(other.state == ThreadState::blocked_on_send);
    client.does(BaseSystem::space_plain, InvocationLabel::CNodeCancelBadgedSends,
                {BaseSystem::badged_endpoint, Program::radix});
    CHECK(other.state == ThreadState::restart);
    client.system_call(Syscall::NBRecv, BaseSystem::endpoint);
    CHECK_EQUAL(client.badge(), 0U);
}

}  // namespace
