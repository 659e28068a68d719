// SPDX-License-Identifier: GPL-2.0-only
//
// Faults: what their handler is told, what its reply does, and what becomes of a thread without a handler.
#include "frame/host/entry.hpp"
#include "tests/unit/program.hpp"

namespace {

using abi::FaultType;
using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Program;
using test::Result;
using test::Step;
using test::Words;

constexpr std::uint64_t unknown_call = 0x77;
constexpr std::uint64_t somewhere = 0x1234'5000;
constexpr std::uint64_t code = 0x40'1000;

/// The initial thread faults; its handler is the other thread, which has the fault's message then.
struct Handler : Program {
    void fault(const Step& step) {
        CHECK(machine.perform(step).kind == Result::Kind::fault);
        CHECK(!initial_runs());
        system_call(Syscall::Recv, BaseSystem::endpoint);
        CHECK_EQUAL(badge(), 9U);
    }
    void reply(Words words, std::uint64_t label = 0) { system_call(Syscall::Reply, 0, std::move(words), {}, label); }
    void expect(FaultType type, const Words& words) {
        CHECK_EQUAL(label(), abi::number(type));
        const Words found = message();
        CHECK_EQUAL(found.size(), words.size());
        for (std::size_t index = 0; index < words.size(); ++index) {
            CHECK_EQUAL(found[index], words[index]);
        }
    }
};

Step debug_exception(std::uint64_t vector, std::uint64_t status) {
    return Step{.kind = Step::Kind::exception, .number = vector, .value = status};
}

TEST("a VM fault tells where, whether it was an instruction, and how; the reply repeats the access") {
    Handler handler;
    const std::uint64_t ip = handler.initial().context().get(frame::Register::next_ip);
    handler.fault(Step{.kind = Step::Kind::write, .address = somewhere, .value = 1});
    constexpr std::uint64_t user_write = 6;
    handler.expect(FaultType::VMFault, {ip, somewhere, 0, user_write});
    handler.reply({1, 2, 3}, 5);
    // Whatever the reply says: the thread goes on.
    CHECK(handler.initial().is_runnable());
    CHECK_EQUAL(handler.initial().context().get(frame::Register::next_ip), ip);
}

TEST("a capability fault tells the address and how far it led") {
    Handler handler;
    constexpr std::uint64_t bad = 0x1234'0000;
    handler.fault(Step{.call = abi::number(Syscall::Send), .capability = bad});
    handler.expect(FaultType::CapFault,
                   {test::Machine::syscall_address, bad, 0, abi::number(abi::LookupFailure::GuardMismatch), 64, 0, 58});
    handler.reply({});
    CHECK(handler.initial().is_runnable());
}

TEST("receiving where one may not receive is a fault in the receive phase") {
    Handler handler;
    constexpr std::uint64_t write_only = 1;
    handler.mint(Program::slot, BaseSystem::endpoint, write_only, 0);
    handler.mint(Program::slot + 1, BaseSystem::notification, write_only, 0);
    for (const std::uint64_t address :
         {Program::slot, Program::slot + 1, BaseSystem::frame, BaseSystem::bound_notification}) {
        handler.fault(Step{.call = abi::number(Syscall::Recv), .capability = address});
        handler.expect(FaultType::CapFault, {test::Machine::syscall_address, address, 1,
                                             abi::number(abi::LookupFailure::MissingCapability), 0});
        handler.machine.call(BaseSystem::initial_tcb, InvocationLabel::TCBResume);
        handler.yield_to_initial();
        handler.initial().context().set(frame::Register::next_ip, code);
    }
}

TEST("an unknown system call tells the registers; the reply sets them") {
    Handler handler;
    handler.fault(Step{.call = static_cast<std::int64_t>(unknown_call), .capability = 0xaa});
    CHECK_EQUAL(handler.label(), abi::number(FaultType::UnknownSyscall));
    const Words found = handler.message();
    CHECK_EQUAL(found.size(), abi::unknown_syscall_registers.size() + 1);
    CHECK_EQUAL(found.back(), unknown_call);
    Words answer(abi::unknown_syscall_registers.size(), 0x1111);
    handler.reply(answer);
    CHECK(handler.initial().is_runnable());
    CHECK_EQUAL(handler.initial().context().get(frame::Register::rax), 0x1111U);
    handler.yield_to_initial();
}

TEST("a fault reply with a label other than 0 leaves the thread stopped") {
    for (const bool exception : {false, true}) {
        CHECK_DIES("seen", [exception] {
            Handler handler;
            handler.fault(exception ? Step{.kind = Step::Kind::exception, .number = 6}
                                    : Step{.call = static_cast<std::int64_t>(unknown_call)});
            handler.reply({}, 1);
            CHECK(handler.initial().state == ThreadState::inactive);
            test::fail("seen", std::source_location::current());
        });
    }
}

TEST("an exception tells registers, number and code; the reply sets as many registers as it has words") {
    Handler handler;
    constexpr std::uint64_t general_protection = 13;
    handler.fault(Step{.kind = Step::Kind::exception, .number = general_protection, .value = 0x18});
    CHECK_EQUAL(handler.label(), abi::number(FaultType::UserException));
    const Words found = handler.message();
    CHECK_EQUAL(found.size(), abi::user_exception_registers.size() + 2);
    CHECK_EQUAL(found[found.size() - 2], general_protection);
    CHECK_EQUAL(found.back(), 0x18U);
    constexpr std::uint64_t stack = 0x7000;
    handler.initial().context().set(frame::Register::rsp, stack);
    handler.reply({code});
    handler.yield_to_initial();
    CHECK_EQUAL(handler.initial().context().get(frame::Register::next_ip), code);
    CHECK_EQUAL(handler.initial().context().get(frame::Register::rsp), stack);
}

TEST("a reply with all words of an exception's message sets its registers, and no more") {
    Handler handler;
    handler.fault(Step{.kind = Step::Kind::exception, .number = 6});
    handler.reply(Words(abi::user_exception_registers.size() + 2, code));
    CHECK_EQUAL(handler.initial().context().get(frame::Register::rsp), code);
    CHECK(handler.initial().is_runnable());
}

TEST("a breakpoint's fault tells which, a software break does not") {
    namespace bp = abi::breakpoint;
    Handler handler;
    handler.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetBreakpoint,
                 {1, somewhere, bp::data_breakpoint, 4, bp::break_on_write});
    handler.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetBreakpoint,
                 {2, code, bp::instruction_breakpoint, 0, bp::break_on_read});
    const std::uint64_t ip = handler.initial().context().get(frame::Register::next_ip);
    handler.fault(debug_exception(1, 2));
    handler.expect(FaultType::DebugException, {ip, bp::data_breakpoint, somewhere, 1});
    handler.reply({});
    handler.yield_to_initial();
    handler.fault(debug_exception(1, 4));
    handler.expect(FaultType::DebugException, {ip, bp::instruction_breakpoint, code, 2});
    handler.reply({});
    handler.yield_to_initial();
    handler.fault(debug_exception(3, 0));
    handler.expect(FaultType::DebugException, {ip, bp::software_break_request});
    handler.reply({}, 1);
    CHECK(handler.initial().state == ThreadState::inactive);
}

TEST("the reply to a single step says how many instructions until the next; without a word, one") {
    namespace bp = abi::breakpoint;
    constexpr std::uint64_t step = 0x10;
    Handler handler;
    handler.does(BaseSystem::initial_tcb, InvocationLabel::TCBConfigureSingleStepping, {0, 1});
    const std::uint64_t ip = handler.initial().context().get(frame::Register::next_ip);
    handler.fault(debug_exception(1, step));
    handler.expect(FaultType::DebugException, {ip, bp::single_step});
    handler.reply({3});
    handler.yield_to_initial();
    CHECK(handler.machine.perform(debug_exception(1, step)).kind != Result::Kind::fault);
    CHECK(handler.machine.perform(debug_exception(1, step)).kind != Result::Kind::fault);
    handler.fault(debug_exception(1, step));
    handler.reply({});
    handler.yield_to_initial();
    handler.fault(debug_exception(1, step));
    handler.reply({0});
    CHECK(!handler.initial().block.debug.is_stepping());
}

TEST("a handler without an IPC buffer is told as much as its registers hold") {
    Handler handler;
    kernel::Tcb& other = handler.yield_to_other();
    handler.does(BaseSystem::tcb + 2, InvocationLabel::TCBSetIPCBuffer, {0}, {BaseSystem::frame});
    handler.yield_to_initial();
    CHECK(handler.machine.perform(Step{.kind = Step::Kind::exception, .number = 6}).kind == Result::Kind::fault);
    CHECK(&handler.machine.running() == &other);
    handler.system_call(Syscall::Recv, BaseSystem::endpoint);
    CHECK_EQUAL(handler.label(), abi::number(FaultType::UserException));
    CHECK_EQUAL(abi::message_info::length(handler.info()), abi::message::register_count);
    // The same holds for what it replies: the first two of four words are the instruction and the stack pointer.
    handler.system_call(Syscall::Reply, 0, Words(5, 0x4444));
    handler.yield_to_initial();
    CHECK_EQUAL(handler.initial().context().get(frame::Register::next_ip), 0x4444U);
    CHECK_EQUAL(handler.initial().context().get(frame::Register::rsp), 0x4444U);
}

/// The initial thread faults with `handler` as the address of its fault handler.
void fault_without_handler(Program& program, std::uint64_t handler, const Step& step, std::string_view text) {
    const std::uint64_t guard = abi::cnode_cap_data::make(0, 64 - Program::radix);
    program.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetSpace, {handler, guard, 0},
                 {BaseSystem::space_plain, BaseSystem::vspace});
    (void)program.printed();
    program.machine.perform(step);
    CHECK(program.initial().state == ThreadState::inactive);
    CHECK(!program.initial_runs());
    const std::string printed = program.printed();
    CHECK(printed.find("Caught cap fault in send phase at address") != std::string::npos);
    if (printed.find(text) == std::string::npos) {
        test::fail(printed, std::source_location::current());
    }
    CHECK(printed.find("in thread") != std::string::npos && printed.find("\"rootserver\"") != std::string::npos);
}

TEST("a thread whose fault nobody can answer stops, and a debug kernel says why") {
    constexpr std::uint64_t receive_only = 2;
    constexpr std::uint64_t write_only = 1;
    struct Case {
        std::uint64_t handler;
        Step step;
        std::string_view text;
    };
    const std::array cases{
        Case{0x1234'0000, Step{.kind = Step::Kind::read, .address = somewhere},
             "vm fault on data at address 0x12345000"},
        Case{BaseSystem::notification, Step{.kind = Step::Kind::exception, .number = 6, .value = 3},
             "user exception 0x6 code 0x3"},
        Case{Program::slot, debug_exception(3, 0), "debug exception"},
        Case{Program::slot + 1, Step{.call = static_cast<std::int64_t>(unknown_call)}, "unknown syscall 0x77"},
        Case{0, Step{.call = abi::number(Syscall::Recv), .capability = 0x1234'0000},
             "cap fault in receive phase at address 0x12340000"},
        Case{0, Step{.call = abi::number(Syscall::Send), .capability = 0x1234'0000},
             "cap fault in send phase at address 0x12340000"},
    };
    Program program;
    program.mint(Program::slot, BaseSystem::endpoint, receive_only, 0);
    program.mint(Program::slot + 1, BaseSystem::endpoint, write_only, 0);
    test::Machine::checkpoint();
    for (const Case& each : cases) {
        program.machine.restore();
        fault_without_handler(program, each.handler, each.step, each.text);
    }
}

TEST("a fault at an instruction is called one") {
    constexpr std::uint64_t instruction_fetch = 0x14;
    Program program;
    const std::uint64_t guard = abi::cnode_cap_data::make(0, 64 - Program::radix);
    program.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetSpace, {0, guard, 0},
                 {BaseSystem::space_plain, BaseSystem::vspace});
    (void)program.printed();
    frame::host::raise_page_fault(somewhere, instruction_fetch);
    CHECK(program.prints("vm fault on code at address 0x12345000 with status 0x14"));
}

TEST("a handler that answers and receives at once lets the thread go on") {
    Handler handler;
    handler.fault(Step{.kind = Step::Kind::exception, .number = 6});
    handler.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, {code});
    CHECK(handler.initial_runs());
    CHECK_EQUAL(handler.initial().context().get(frame::Register::next_ip), code);
    // The handler waits: the next fault reaches it at once.
    CHECK(handler.machine.perform(Step{.kind = Step::Kind::read, .address = somewhere}).kind == Result::Kind::fault);
    handler.expect(FaultType::VMFault, {code, somewhere, 0, 4});
    handler.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, {}, {}, 1);
    CHECK(handler.initial_runs());
    CHECK(handler.machine.perform(Step{.kind = Step::Kind::exception, .number = 6}).kind == Result::Kind::fault);
    handler.system_call(Syscall::ReplyRecv, BaseSystem::endpoint, {}, {}, 1);
    CHECK(handler.initial().state == ThreadState::inactive);
}

TEST("a fault goes to a handler that may be given the means to answer, by either Grant right") {
    constexpr std::uint64_t write = 1;
    for (const std::uint64_t grant : {4U, 8U}) {
        CHECK_DIES("seen", [&] {
            Handler handler;
            handler.mint(Program::slot, BaseSystem::endpoint, write | grant, 9);
            const std::uint64_t guard = abi::cnode_cap_data::make(0, 64 - Program::radix);
            handler.does(BaseSystem::initial_tcb, InvocationLabel::TCBSetSpace, {Program::slot, guard, 0},
                         {BaseSystem::space_plain, BaseSystem::vspace});
            handler.fault(Step{.kind = Step::Kind::exception, .number = 6});
            handler.reply({});
            CHECK(handler.initial().is_runnable());
            test::fail("seen", std::source_location::current());
        });
    }
}

}  // namespace
