// SPDX-License-Identifier: GPL-2.0-only
//
// Messages between threads: what arrives, who can answer whom, and that the short ways through the kernel, which a message
// of more than four words or with capabilities does not take, come to the same as the long ones.
#include "tests/unit/program.hpp"

namespace {

using abi::CapabilityTag;
using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Program;
using test::Result;
using test::Step;
using test::Words;

constexpr std::uint64_t slot = Program::slot;
constexpr std::uint64_t service = BaseSystem::other_endpoint;
constexpr std::uint64_t write_right = 1;
constexpr std::uint64_t read_right = 2;
constexpr std::uint64_t grant_right = 4;
constexpr std::uint64_t grant_reply_right = 8;

/// Messages that fit into registers, and that do not.
const std::array messages{Words{},
                          Words{1},
                          Words{1, 2},
                          Words{1, 2, 3},
                          Words{1, 2, 3, 4},
                          Words{1, 2, 3, 4, 5},
                          Words{1, 2, 3, 4, 5, 6, 7}};

/// The server of the base system, the better thread, which waits at `service`.
struct Client : Program {
    Client() { test::Machine::checkpoint(); }
    /// Everything is again as it was in the beginning.
    void start_again() {
        machine.restore();
        server_ = nullptr;
    }
    kernel::Tcb& server() {
        if (server_ == nullptr) {
            system_call(Syscall::Send, service);
            CHECK(!initial_runs());
            server_ = &machine.running();
            machine.perform(Step{.call = abi::number(Syscall::Recv),
                                 .capability = service,
                                 .receive = {{BaseSystem::space_plain, slot + 8, radix}}});
            CHECK(initial_runs());
        }
        return *server_;
    }

private:
    kernel::Tcb* server_ = nullptr;
};

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

TEST("a Call without the Write right is refused, though a server waits that could answer") {
    Client client;
    client.server();
    client.mint(slot, service, read_right | grant_right | grant_reply_right, 0);
    client.refuses(test::refusal::capability(0), slot, InvocationLabel::UntypedRetype);
    CHECK(client.initial_runs());
}

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
