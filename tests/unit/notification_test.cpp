// SPDX-License-Identifier: GPL-2.0-only
//
// Signals: who gets them, and in which order with messages where a notification is bound to its thread.
#include "tests/unit/client.hpp"

namespace {

using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Client;
using test::Result;
using test::write_right;

constexpr std::uint64_t service = Client::service;
constexpr std::uint64_t slot = Client::slot;

TEST("threads that wait for signals get one each, in order") {
    Client client;
    kernel::Tcb& other = client.yield_to_other();
    client.system_call(Syscall::Recv, BaseSystem::notification);
    CHECK(other.state == ThreadState::blocked_on_notification);
    client.does(BaseSystem::tcb, InvocationLabel::TCBUnbindNotification);
    client.system_call(Syscall::Send, service);
    CHECK(!client.initial_runs());
    client.system_call(Syscall::Recv, BaseSystem::notification);
    client.mint(slot, BaseSystem::notification, write_right, 0x42);
    client.system_call(Syscall::Send, slot);
    CHECK(other.is_runnable());
    client.system_call(Syscall::Send, slot, {}, {BaseSystem::frame});
    CHECK(&client.machine.running() != &other && !client.initial_runs());
    CHECK_EQUAL(client.badge(), 0x42U);
}

TEST("a signal comes before messages: ReplyRecv and Recv of a thread with a bound notification") {
    Client client;
    client.does(BaseSystem::initial_tcb, InvocationLabel::TCBBindNotification, {}, {BaseSystem::notification});
    client.mint(slot, BaseSystem::notification, write_right, 0x40);
    client.system_call(Syscall::Send, slot);
    // The base system's second thread waits for the initial thread's reply.
    client.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, {9});
    while (!client.initial_runs()) {
        client.system_call(Syscall::Recv, BaseSystem::endpoint);
    }
    CHECK_EQUAL(client.badge(), 0x40U);
    client.system_call(Syscall::Send, slot);
    client.system_call(Syscall::Recv, BaseSystem::endpoint);
    CHECK_EQUAL(client.badge(), 0x40U);
    CHECK(client.initial_runs());
}

TEST("a signal wakes the bound thread where it waits for messages, with the badge in place of one") {
    Client client;
    kernel::Tcb& server = client.server();
    client.mint(slot, BaseSystem::bound_notification, write_right, 0x41);
    client.system_call(Syscall::Send, slot);
    CHECK(&client.machine.running() == &server);
    CHECK_EQUAL(client.badge(), 0x41U);
}

TEST("a bound notification is its thread's alone to wait for") {
    Client client;
    CHECK(client.system_call(Syscall::Recv, BaseSystem::bound_notification).kind == Result::Kind::fault);
}

TEST("the last capability to a notification goes: who waits for its signals starts over") {
    Client client;
    client.retype(slot, abi::ObjectType::Notification);
    kernel::Tcb& other = client.yield_to_other();
    client.system_call(Syscall::Recv, slot);
    CHECK(client.initial_runs());
    CHECK(other.state == ThreadState::blocked_on_notification);
    client.erase(slot);
    CHECK(other.is_runnable());
}

TEST("the last capability to a notification goes: of those of one priority who waited, the last runs first") {
    Client client;
    client.retype(slot, abi::ObjectType::Notification);
    kernel::Tcb& first = client.yield_to_other();
    client.system_call(Syscall::Recv, slot);
    client.system_call(Syscall::Send, service);
    kernel::Tcb& second = client.machine.running();
    client.system_call(Syscall::Recv, slot);
    CHECK(client.initial_runs() && &second != &first);
    CHECK(second.state == ThreadState::blocked_on_notification);
    client.does(BaseSystem::tcb, InvocationLabel::TCBSetPriority, {client.initial().priority},
                {BaseSystem::initial_tcb});
    client.erase(slot);
    CHECK(client.initial_runs());
    client.system_call(Syscall::Yield);
    CHECK(&client.machine.running() == &second);
    client.system_call(Syscall::Yield);
    CHECK(&client.machine.running() == &first);
    client.system_call(Syscall::Yield);
    CHECK(client.initial_runs());
}

}  // namespace
