// SPDX-License-Identifier: GPL-2.0-only
//
// Debug and benchmark calls, as a program makes them, and breakpoints: what they answer, and what they print.
#include <array>
#include <string>
#include <string_view>

#include "frame/host/processor.hpp"
#include "kernel/object/thread.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/machine/machine.hpp"
#include "tests/support/test.hpp"

namespace {

using abi::InvocationLabel;
using abi::Syscall;
using frame::host::Processor;
using test::BaseSystem;
using test::Machine;
using test::Result;
using test::Step;

namespace initial = abi::initial_cap;

Result call(Machine& machine, Syscall number, std::uint64_t argument = 0) {
    return machine.perform(Step{.call = abi::number(number), .capability = argument});
}

std::uint64_t& console_end() {
    static std::uint64_t end = 0;
    return end;
}

/// What was printed since the last look.
std::string printed() {
    const std::string text = Processor::instance().console_text.substr(console_end());
    console_end() = Processor::instance().console_text.size();
    return text;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void put_in_buffer(Machine& machine, std::size_t word, std::uint64_t value) {
    CHECK(machine.store(machine.running().ipc_buffer.value() + (abi::ipc_buffer::msg + word) * 8, value));
}

std::uint64_t word_in_buffer(Machine& machine, std::size_t word) {
    return machine.load(machine.running().ipc_buffer.value() + (abi::ipc_buffer::msg + word) * 8).value();
}

/// What a call that stops the machine prints goes to standard error, where CHECK_DIES looks.
void show_console() { Processor::instance().console = Processor::Console::standard_error; }

TEST("DebugNameThread takes the name from the IPC buffer, as far as it fits") {
    Machine& machine = Machine::boot();
    put_in_buffer(machine, 0, 0x72656b726f77);  // "worker"
    call(machine, Syscall::DebugNameThread, initial::tcb);
    CHECK_EQUAL(std::string{kernel::thread_name(machine.running())}, "worker");
    constexpr std::size_t long_words = 40;
    for (std::size_t word = 0; word < long_words; ++word) {
        put_in_buffer(machine, word, 0x6161616161616161);
    }
    put_in_buffer(machine, long_words, 0);
    call(machine, Syscall::DebugNameThread, initial::tcb);
    const std::string longest(std::min<std::size_t>(kernel::Tcb::name_size - 1, long_words * 8), 'a');
    CHECK_EQUAL(std::string{kernel::thread_name(machine.running())}, longest);
}

TEST("DebugNameThread stops the system when it is misused, and says why") {
    CHECK_DIES("DebugNameThread needs a TCB capability", [] {
        show_console();
        Machine& machine = Machine::boot();
        show_console();
        call(machine, Syscall::DebugNameThread, initial::cnode);
    });
    CHECK_DIES("DebugNameThread needs a TCB capability", [] {
        Machine& machine = Machine::boot();
        show_console();
        call(machine, Syscall::DebugNameThread, 0x1234'5678);
    });
    CHECK_DIES("the calling thread has none", [] {
        Machine& machine = Machine::boot();
        machine.must_call(initial::tcb, InvocationLabel::TCBSetIPCBuffer, {0}, {0});
        show_console();
        call(machine, Syscall::DebugNameThread, initial::tcb);
    });
    CHECK_DIES("a name that does not end in the IPC buffer", [] {
        Machine& machine = Machine::boot();
        for (std::size_t word = 0; word < abi::message::max_length; ++word) {
            put_in_buffer(machine, word, 0x6161616161616161);
        }
        show_console();
        call(machine, Syscall::DebugNameThread, initial::tcb);
    });
}

TEST("DebugHalt names the thread and stops") {
    CHECK_DIES("Debug halt from thread \"rootserver\"", [] {
        Machine& machine = Machine::boot();
        show_console();
        call(machine, Syscall::DebugHalt);
    });
}

TEST("DebugPutChar prints, DebugDumpScheduler lists threads, DebugCapIdentify knows kinds") {
    Machine& machine = Machine::boot();
    (void)printed();
    call(machine, Syscall::DebugPutChar, 'x');
    CHECK_EQUAL(printed(), "x");
    call(machine, Syscall::DebugDumpScheduler);
    CHECK(has(printed(), "rootserver"));
    call(machine, Syscall::DebugCapIdentify, initial::tcb);
    CHECK_EQUAL(machine.running().context().get(frame::Register::rdi), abi::number(abi::CapabilityTag::Thread));
    call(machine, Syscall::DebugCapIdentify, 0x1234'5678);
    CHECK_EQUAL(machine.running().context().get(frame::Register::rdi), abi::number(abi::CapabilityTag::Null));
}

TEST("utilisation is counted between ResetLog and FinalizeLog") {
    namespace word = abi::utilisation_message;
    Machine& machine = Machine::boot();
    call(machine, Syscall::BenchmarkResetLog);
    CHECK_EQUAL(machine.running().context().get(frame::Register::rdi), abi::number(abi::Error::NoError));
    for (unsigned count = 0; count < 5; ++count) {
        call(machine, Syscall::BenchmarkNullSyscall);
    }
    call(machine, Syscall::Yield);
    call(machine, Syscall::BenchmarkFlushCaches);
    call(machine, Syscall::BenchmarkFinalizeLog);
    call(machine, Syscall::BenchmarkGetThreadUtilisation, initial::tcb);
    // Every entry after the one that began it, up to the one that ends it, which no longer counts.
    CHECK_EQUAL(word_in_buffer(machine, word::total_number_kernel_entries), 8U);
    CHECK_EQUAL(word_in_buffer(machine, word::tcb_number_kernel_entries), 8U);
    CHECK(word_in_buffer(machine, word::tcb_utilisation) > 0);
    CHECK(word_in_buffer(machine, word::total_utilisation) > 0);
    CHECK(word_in_buffer(machine, word::total_number_schedules) >= 1);
    (void)printed();
    call(machine, Syscall::BenchmarkDumpAllThreadsUtilisation);
    const std::string dump = printed();
    for (const std::string_view part : {"BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES\":8", "rootserver", "idle_thread"}) {
        CHECK(has(dump, part));
    }
    call(machine, Syscall::BenchmarkResetThreadUtilisation, initial::tcb);
    call(machine, Syscall::BenchmarkGetThreadUtilisation, initial::tcb);
    CHECK_EQUAL(word_in_buffer(machine, word::tcb_number_kernel_entries), 0U);
    CHECK_EQUAL(word_in_buffer(machine, word::total_number_kernel_entries), 8U);
    // What is no thread is ignored.
    put_in_buffer(machine, word::total_number_kernel_entries, 77);
    call(machine, Syscall::BenchmarkGetThreadUtilisation, initial::cnode);
    call(machine, Syscall::BenchmarkGetThreadUtilisation, 0x1234'5678);
    CHECK_EQUAL(word_in_buffer(machine, word::total_number_kernel_entries), 77U);
    call(machine, Syscall::BenchmarkResetAllThreadsUtilisation);
}

using Words = std::vector<std::uint64_t>;

Result set_breakpoint(Machine& machine, Words words) {
    return machine.call(initial::tcb, InvocationLabel::TCBSetBreakpoint, std::move(words));
}

bool refuses(const Machine& machine, const Result& result, abi::Error error, std::uint64_t first_word) {
    return result == Result{Result::Kind::error, error} && machine.result_word(0) == first_word;
}

TEST("a breakpoint is refused for the argument that is wrong") {
    namespace bp = abi::breakpoint;
    Machine& machine = Machine::boot();
    constexpr std::uint64_t address = 0x40'1000;
    struct Case {
        Words words;
        abi::Error error;
        std::uint64_t first;
    };
    const std::array cases{
        Case{{0, 0x8000'0000'0000, bp::data_breakpoint, 1, bp::break_on_write}, abi::Error::InvalidArgument, 1},
        Case{{0, address, bp::instruction_breakpoint, 1, bp::break_on_read}, abi::Error::InvalidArgument, 3},
        Case{{0, address, bp::instruction_breakpoint, 0, bp::break_on_write}, abi::Error::InvalidArgument, 4},
        Case{{0, address, bp::data_breakpoint, 0, bp::break_on_write}, abi::Error::InvalidArgument, 3},
        Case{{0, address, bp::single_step, 1, bp::break_on_write}, abi::Error::InvalidArgument, 2},
        Case{{0, address, bp::data_breakpoint, 1, 3}, abi::Error::InvalidArgument, 3},
        Case{{0, address, bp::data_breakpoint, 3, bp::break_on_write}, abi::Error::InvalidArgument, 3},
        Case{{0, address, bp::data_breakpoint, 16, bp::break_on_write}, abi::Error::InvalidArgument, 3},
        Case{{4, address, bp::data_breakpoint, 1, bp::break_on_write}, abi::Error::RangeError, 0},
        Case{{0, address, bp::data_breakpoint, 8, bp::break_on_write}, abi::Error::InvalidArgument, 3},
    };
    for (const Case& each : cases) {
        CHECK(refuses(machine, set_breakpoint(machine, each.words), each.error, each.first));
    }
    CHECK((set_breakpoint(machine, {0, address + 1, bp::data_breakpoint, 2, bp::break_on_write}) ==
           Result{Result::Kind::error, abi::Error::AlignmentError}));
    for (const InvocationLabel label : {InvocationLabel::TCBGetBreakpoint, InvocationLabel::TCBUnsetBreakpoint}) {
        CHECK(refuses(machine, machine.call(initial::tcb, label, {4}), abi::Error::RangeError, 0));
    }
    Processor::instance().can_watch_eight_bytes = true;
    CHECK((set_breakpoint(machine, {0, address, bp::data_breakpoint, 8, bp::break_on_write}) == Result{}));
}

TEST("a breakpoint is what was set, is in force, and is gone when it is unset") {
    namespace bp = abi::breakpoint;
    Machine& machine = Machine::boot();
    constexpr std::uint64_t address = 0x40'1000;
    const std::array<Words, 3> kinds{Words{1, address, bp::instruction_breakpoint, 0, bp::break_on_read},
                                     Words{1, address, bp::data_breakpoint, 4, bp::break_on_write},
                                     Words{1, address, bp::data_breakpoint, 2, bp::break_on_read_write}};
    for (const Words& kind : kinds) {
        CHECK(set_breakpoint(machine, kind) == Result{});
        CHECK(machine.call(initial::tcb, InvocationLabel::TCBGetBreakpoint, {1}) == Result{});
        for (std::size_t index = 0; index < 4; ++index) {
            CHECK_EQUAL(machine.result_word(index), kind[index + 1]);
        }
        CHECK_EQUAL(word_in_buffer(machine, 4), 1U);
        CHECK_EQUAL(Processor::instance().breakpoints.addresses[1], address);
    }
    CHECK(machine.call(initial::tcb, InvocationLabel::TCBUnsetBreakpoint, {1}) == Result{});
    CHECK(machine.call(initial::tcb, InvocationLabel::TCBGetBreakpoint, {1}) == Result{});
    CHECK_EQUAL(word_in_buffer(machine, 4), 0U);
}

/// INT1 or INT3 by the running thread: `status` is what the debug status register says.
Result debug_exception(Machine& machine, std::uint64_t vector, std::uint64_t status) {
    return machine.perform(Step{.kind = Step::Kind::exception, .number = vector, .value = status});
}

TEST("a debug exception becomes the fault that it stands for") {
    namespace bp = abi::breakpoint;
    struct Case {
        std::uint64_t vector, status, reason;
    };
    constexpr std::array cases{Case{1, 1, bp::instruction_breakpoint}, Case{1, 2, bp::data_breakpoint},
                               Case{3, 0, bp::software_break_request}};
    for (const Case& each : cases) {
        CHECK_DIES("seen", [&] {
            Machine& machine = Machine::boot();
            BaseSystem::build(machine);
            const std::uint64_t self = BaseSystem::initial_tcb;
            machine.must_call(self, InvocationLabel::TCBSetBreakpoint,
                              {0, 0x40'1000, bp::instruction_breakpoint, 0, 0});
            machine.must_call(self, InvocationLabel::TCBSetBreakpoint, {1, 0x40'2000, bp::data_breakpoint, 4, 1});
            CHECK(debug_exception(machine, each.vector, each.status).kind == Result::Kind::fault);
            CHECK(machine.initial_thread().fault.type == abi::FaultType::DebugException);
            test::fail("seen", std::source_location::current());
        });
    }
}

TEST("single stepping stops after as many instructions as were asked for") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    constexpr std::uint64_t step = 0x10;
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBConfigureSingleStepping, {0, 2});
    CHECK_EQUAL(machine.result_word(0), 0U);
    CHECK(debug_exception(machine, 1, step).kind != Result::Kind::fault);
    CHECK(debug_exception(machine, 1, 0).kind != Result::Kind::fault);  // nothing happened: no step is counted
    CHECK(debug_exception(machine, 1, step).kind == Result::Kind::fault);
}

TEST("single stepping is switched off by zero instructions") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBConfigureSingleStepping, {0, 1});
    CHECK(machine.running().block.debug.is_stepping());
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBConfigureSingleStepping, {0, 0});
    CHECK(!machine.running().block.debug.is_stepping());
}

TEST("DebugDumpScheduler names every state that a thread can be in") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const auto dump = [&] {
        (void)printed();
        call(machine, Syscall::DebugDumpScheduler);
        return printed();
    };
    const std::string first = dump();
    for (const std::string_view state : {"running", "restart", "blocked on recv", "blocked on reply"}) {
        CHECK(has(first, std::string{"\t"} + std::string{state} + "\t"));
    }
    call(machine, Syscall::Yield);
    call(machine, Syscall::Recv, BaseSystem::notification);
    machine.must_call(BaseSystem::tcb + 1, InvocationLabel::TCBSuspend);
    const std::string second = dump();
    CHECK(has(second, "\tblocked on ntfn\t"));
    CHECK(has(second, "\tinactive\t"));
    machine.must_call(BaseSystem::tcb, InvocationLabel::TCBUnbindNotification);
    call(machine, Syscall::Send, BaseSystem::other_endpoint);
    call(machine, Syscall::Send, BaseSystem::endpoint);
    CHECK(has(dump(), "\tblocked on send\t"));
}

TEST("a snapshot tells which pages are not cached, and the rights of capabilities that have few") {
    constexpr std::uint64_t uncached = 3;
    constexpr std::uint64_t slot = BaseSystem::first_empty;
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const auto mint = [&](std::uint64_t to, std::uint64_t from, std::uint64_t rights, std::uint64_t badge) {
        machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeMint, {to, 6, from, 6, rights, badge},
                          {BaseSystem::space_plain});
    };
    mint(slot, BaseSystem::endpoint, 0, 0xabc);
    mint(slot + 1, BaseSystem::notification, 0, 0xdef);
    mint(slot + 2, BaseSystem::endpoint, 8, 0);
    mint(slot + 3, BaseSystem::notification, 1, 0);
    mint(slot + 4, BaseSystem::other_endpoint, 1, 0);
    machine.must_call(BaseSystem::space_plain, InvocationLabel::CNodeCopy,
                      {slot + 5, 6, BaseSystem::fault_endpoint, 6, 4}, {BaseSystem::space_plain});
    const auto snapshot = [&] {
        (void)printed();
        call(machine, Syscall::DebugSnapshot);
        return printed();
    };
    const std::string before = snapshot();
    CHECK(has(before, " (badge: 0xabc)\n"));
    CHECK(has(before, " (badge: 0xdef)\n"));
    CHECK(has(before, " (P)\n"));
    CHECK(has(before, " (W)\n"));
    CHECK(has(before, " (G, badge: 0x9)\n"));
    CHECK(!has(before, "uncached"));
    machine.must_call(BaseSystem::frame + 3, InvocationLabel::X86PageMap, {0x41'8000, 3, uncached},
                      {BaseSystem::vspace});
    CHECK(has(snapshot(), " (RWX, uncached)\n"));
}

TEST("a snapshot of a system whose first capability names an object") {
    Machine& machine = Machine::boot();
    const auto count = [](const std::string& text, std::string_view part) {
        unsigned found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
            ++found;
        }
        return found;
    };
    for (const std::uint64_t control :
         {initial::irq_control, initial::asid_control, initial::io_port_control, initial::domain}) {
        machine.must_call(initial::cnode, InvocationLabel::CNodeDelete, {control, 64});
    }
    (void)printed();
    call(machine, Syscall::DebugSnapshot);
    const std::string text = printed();
    CHECK_EQUAL(count(text, " = cnode"), 1U);
    CHECK_EQUAL(count(text, " = tcb"), 1U);
    CHECK_EQUAL(count(text, "_control\n"), 0U);
}

TEST("the time of a thread that deletes itself is nobody's") {
    namespace word = abi::utilisation_message;
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const std::uint64_t self = BaseSystem::tcb + 2;
    call(machine, Syscall::BenchmarkResetLog);
    call(machine, Syscall::Yield);
    CHECK(&machine.running() != &machine.initial_thread());
    machine.call(BaseSystem::space_plain, InvocationLabel::CNodeDelete, {self, 6});
    CHECK(&machine.running() == &machine.initial_thread());
    call(machine, Syscall::BenchmarkFinalizeLog);
    // The space has no buffer of the initial thread's but its own.
    call(machine, Syscall::BenchmarkGetThreadUtilisation, BaseSystem::initial_tcb);
    CHECK_EQUAL(word_in_buffer(machine, word::idle_localcpu_utilisation), 0U);
    // To the other thread, back, and what counts as one to idling at the end; the start is the first.
    CHECK_EQUAL(word_in_buffer(machine, word::total_number_schedules), 4U);
    CHECK(word_in_buffer(machine, word::tcb_utilisation) < word_in_buffer(machine, word::total_utilisation));
}

TEST("time that goes backwards is not counted, and a thread without a buffer is told nothing") {
    namespace word = abi::utilisation_message;
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    call(machine, Syscall::BenchmarkResetLog);
    Processor::instance().time -= 5000;
    call(machine, Syscall::Yield);
    CHECK(&machine.running() != &machine.initial_thread());
    CHECK_EQUAL(machine.initial_thread().utilisation.ticks, 0U);
    call(machine, Syscall::Yield);
    call(machine, Syscall::BenchmarkFinalizeLog);
    put_in_buffer(machine, word::total_number_kernel_entries, 77);
    const frame::UserAddress buffer = machine.running().ipc_buffer;
    machine.must_call(BaseSystem::initial_tcb, InvocationLabel::TCBSetIPCBuffer, {0}, {BaseSystem::frame});
    call(machine, Syscall::BenchmarkGetThreadUtilisation, BaseSystem::initial_tcb);
    CHECK_EQUAL(machine.load(buffer.value() + (abi::ipc_buffer::msg + word::total_number_kernel_entries) * 8).value(),
                77U);
}

TEST("a thread is called a child of the one that made it, as far as that fits") {
    Machine& machine = Machine::boot();
    BaseSystem::build(machine);
    const auto make = [&](std::uint64_t slot) {
        machine.must_call(BaseSystem::untyped_large, InvocationLabel::UntypedRetype,
                          {abi::number(abi::ObjectType::Tcb), 0, 0, 0, slot, 1}, {BaseSystem::space_plain});
    };
    const auto dump = [&] {
        (void)printed();
        call(machine, Syscall::DebugDumpScheduler);
        return printed();
    };
    make(BaseSystem::first_empty);
    CHECK(has(dump(), "child of: 'rootserver'\t"));
    for (std::size_t word = 0; word < 30; ++word) {
        put_in_buffer(machine, word, 0x6262626262626262);
    }
    put_in_buffer(machine, 30, 0);
    call(machine, Syscall::DebugNameThread, BaseSystem::initial_tcb);
    make(BaseSystem::first_empty + 1);
    const std::string prefix = "child of: '";
    CHECK(has(dump(), prefix + std::string(kernel::Tcb::name_size - 1 - prefix.size(), 'b') + "\t"));
}

}  // namespace
