// SPDX-License-Identifier: GPL-2.0-only
//
// Who runs once a message was sent or answered: the best of the threads that are ready in the running domain.
#include "tests/unit/client.hpp"

namespace {

using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Client;

constexpr std::uint64_t service = Client::service;

TEST("a Send wakes a better receiver, and one that is no better waits for its turn") {
    Client client;
    kernel::Tcb& other = client.yield_to_other();
    client.system_call(Syscall::Recv, BaseSystem::endpoint);
    CHECK(client.initial_runs());
    client.system_call(Syscall::Send, BaseSystem::endpoint, {1});
    CHECK(client.initial_runs());
    CHECK(other.is_runnable());
    client.system_call(Syscall::Send, service, {1});
    CHECK(!client.initial_runs());
}

TEST("a Call to a server that is not as good as another ready thread lets that one run") {
    Client client;
    // The server at priority 50 waits; the third thread is ready at 100.
    client.server();
    client.does(BaseSystem::tcb, InvocationLabel::TCBSetPriority, {50}, {BaseSystem::initial_tcb});
    client.system_call(Syscall::Call, service, {1});
    CHECK_EQUAL(client.machine.running().priority, 100);
    CHECK(!client.initial_runs());
    client.system_call(Syscall::Recv, BaseSystem::endpoint);
    CHECK_EQUAL(client.machine.running().priority, 50);
    CHECK_EQUAL(client.word(0), 1U);
    client.system_call(Syscall::ReplyRecv, service, {2});
    CHECK(client.initial_runs());
    CHECK_EQUAL(client.word(0), 2U);
}

TEST("ReplyRecv to a caller that is not as good as another ready thread lets that one run") {
    Client client;
    kernel::Tcb& server = client.server();
    client.system_call(Syscall::Call, service);
    CHECK(&client.machine.running() == &server);
    client.does(BaseSystem::tcb + 2, InvocationLabel::TCBSetPriority, {101}, {BaseSystem::initial_tcb});
    CHECK(&client.machine.running() == &server);
    client.system_call(Syscall::ReplyRecv, service);
    CHECK(!client.initial_runs());
    CHECK(client.initial().is_runnable());
    CHECK(server.state == ThreadState::blocked_on_receive);
}

TEST("a Call to a server in another domain waits for that domain's turn") {
    Client client;
    kernel::Tcb& server = client.server();
    client.does(BaseSystem::domain, InvocationLabel::DomainSetSet, {1}, {BaseSystem::tcb});
    client.system_call(Syscall::Call, service, {1, 2});
    CHECK(&client.machine.running() != &server);
    CHECK(client.initial().state == ThreadState::blocked_on_reply);
    CHECK(server.is_runnable());
    CHECK_EQUAL(server.context().get(frame::Register::r8), 2U);
}

TEST("a better thread that was brought into the running domain runs once the running one yields") {
    Client client;
    kernel::Tcb& server = client.server();
    client.does(BaseSystem::domain, InvocationLabel::DomainSetSet, {1}, {BaseSystem::tcb});
    client.system_call(Syscall::Send, service, {1});
    client.does(BaseSystem::domain, InvocationLabel::DomainSetSet, {0}, {BaseSystem::tcb});
    CHECK(client.initial_runs() && server.is_runnable());
    client.system_call(Syscall::Yield);
    CHECK(&client.machine.running() == &server && client.initial().is_runnable());
}

}  // namespace
