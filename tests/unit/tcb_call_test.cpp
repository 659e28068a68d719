// SPDX-License-Identifier: GPL-2.0-only
//
// TCB invocations as a program makes them: what is refused and how, and what a thread is afterwards.
#include "tests/unit/program.hpp"

namespace {

using abi::InvocationLabel;
using abi::Syscall;
using kernel::ThreadState;
using test::BaseSystem;
using test::Program;
using test::Result;
using test::Step;
using test::Words;
namespace refusal = test::refusal;

constexpr std::uint64_t space = BaseSystem::space_plain;
constexpr std::uint64_t self = BaseSystem::initial_tcb;
constexpr std::uint64_t first = BaseSystem::tcb;
constexpr std::uint64_t third = BaseSystem::tcb + 2;
constexpr std::uint64_t slot = Program::slot;
constexpr std::uint64_t guard = abi::cnode_cap_data::make(0, 64 - Program::radix);

TEST("each TCB invocation wants all its words and capabilities") {
    Program program;
    const auto truncated = [&](InvocationLabel label, Words words, Words caps,
                               std::source_location where = std::source_location::current()) {
        program.refuses(refusal::truncated(), third, label, std::move(words), std::move(caps), where);
    };
    truncated(InvocationLabel::TCBReadRegisters, {0}, {});
    truncated(InvocationLabel::TCBWriteRegisters, {0}, {});
    truncated(InvocationLabel::TCBWriteRegisters, {0, 2, 1}, {});
    truncated(InvocationLabel::TCBCopyRegisters, {}, {first});
    truncated(InvocationLabel::TCBCopyRegisters, {0}, {});
    truncated(InvocationLabel::TCBConfigure, {0, 0, 0}, {space, BaseSystem::vspace, BaseSystem::frame});
    truncated(InvocationLabel::TCBConfigure, {0, 0, 0, 0}, {space, BaseSystem::vspace});
    truncated(InvocationLabel::TCBConfigure, {0, 0, 0, 0}, {space});
    truncated(InvocationLabel::TCBConfigure, {0, 0, 0, 0}, {});
    truncated(InvocationLabel::TCBSetSpace, {0, 0}, {space, BaseSystem::vspace});
    truncated(InvocationLabel::TCBSetSpace, {0, 0, 0}, {space});
    truncated(InvocationLabel::TCBSetSpace, {0, 0, 0}, {});
    truncated(InvocationLabel::TCBSetIPCBuffer, {}, {BaseSystem::frame});
    truncated(InvocationLabel::TCBSetIPCBuffer, {0}, {});
    for (const InvocationLabel label : {InvocationLabel::TCBSetPriority, InvocationLabel::TCBSetMCPriority}) {
        truncated(label, {}, {self});
        truncated(label, {1}, {});
    }
    truncated(InvocationLabel::TCBSetSchedParams, {1}, {self});
    truncated(InvocationLabel::TCBSetSchedParams, {1, 1}, {});
    truncated(InvocationLabel::TCBBindNotification, {}, {});
    truncated(InvocationLabel::TCBSetTLSBase, {}, {});
    truncated(InvocationLabel::TCBSetFlags, {0}, {});
    program.refuses(refusal::illegal(), third, InvocationLabel::CNodeDelete, {1, 1});
    CHECK(program.machine.perform(Step{.capability = third, .info = abi::message_info::make(120, 0, 0, 0)}) ==
          (Result{Result::Kind::error, abi::Error::IllegalOperation}));
}

TEST("priorities are limited by another thread's maximum") {
    Program program;
    program.does(self, InvocationLabel::TCBSetMCPriority, {150}, {self});
    for (const InvocationLabel label : {InvocationLabel::TCBSetPriority, InvocationLabel::TCBSetMCPriority}) {
        program.refuses(refusal::range(0, 150), third, label, {151}, {self});
        program.refuses(refusal::capability(1), third, label, {1}, {BaseSystem::frame});
    }
    program.refuses(refusal::range(0, 150), third, InvocationLabel::TCBSetSchedParams, {151, 1}, {self});
    program.refuses(refusal::range(0, 150), third, InvocationLabel::TCBSetSchedParams, {1, 151}, {self});
    program.refuses(refusal::capability(1), third, InvocationLabel::TCBSetSchedParams, {1, 1}, {BaseSystem::frame});
    program.does(third, InvocationLabel::TCBSetSchedParams, {140, 99}, {self});
    CHECK_EQUAL(program.initial().priority, 100);
    program.does(third, InvocationLabel::TCBSetPriority, {150}, {self});
    // It ran at once, so the answer was seen only after it let the initial thread run.
    CHECK(program.initial_runs() || program.machine.running().priority == 150);
}

TEST("registers are read, written and copied from other threads only, in the number that is named") {
    Program program;
    program.refuses(refusal::range(1, abi::register_count), third, InvocationLabel::TCBReadRegisters, {0, 0});
    program.refuses(refusal::range(1, abi::register_count), third, InvocationLabel::TCBReadRegisters, {0, 21});
    program.refuses(refusal::illegal(), self, InvocationLabel::TCBReadRegisters, {0, 1});
    program.refuses(refusal::illegal(), self, InvocationLabel::TCBWriteRegisters, {0, 1, 1});
    program.refuses(refusal::capability(1), third, InvocationLabel::TCBCopyRegisters, {0}, {BaseSystem::frame});
    Words all{0, abi::register_count};
    for (std::uint64_t index = 0; index < abi::register_count; ++index) {
        all.push_back(0x1000 + index);
    }
    program.does(third, InvocationLabel::TCBWriteRegisters, all);
    program.does(third, InvocationLabel::TCBReadRegisters, {0, abi::register_count});
    const Words read = program.message();
    CHECK_EQUAL(read.size(), abi::register_count);
    CHECK_EQUAL(read[0], 0x1000U);  // the instruction pointer
    CHECK_EQUAL(read[1], 0x1001U);  // the stack pointer
    CHECK_EQUAL(read[3], 0x1003U);  // rax
    // A thread that is in a system call: from now on no register may be left out when it goes on.
    kernel::Tcb& written = program.yield_to_other();
    program.yield_to_initial();
    CHECK(written.context().is_syscall_entry());
    program.does(third, InvocationLabel::TCBWriteRegisters, all);
    CHECK(!written.context().is_syscall_entry());
    // Words beyond the registers that there are do no harm.
    all[1] += 2;
    all.push_back(7);
    all.push_back(7);
    program.does(third, InvocationLabel::TCBWriteRegisters, all);
    constexpr std::uint64_t frame_and_integer = 0xc;
    program.does(first, InvocationLabel::TCBCopyRegisters, {frame_and_integer}, {third});
    program.does(first, InvocationLabel::TCBReadRegisters, {0, abi::register_count});
    CHECK(program.message() == read);
}

TEST("reading and copying suspend the source and resume the target if they are asked to") {
    Program program;
    program.does(third, InvocationLabel::TCBReadRegisters, {1, 1});
    CHECK(program.kind_of(third) == abi::CapabilityTag::Thread);
    program.does(third, InvocationLabel::TCBResume);
    kernel::Tcb& other = program.yield_to_other();
    program.yield_to_initial();
    constexpr std::uint64_t suspend_source = 1;
    program.does(self, InvocationLabel::TCBCopyRegisters, {suspend_source}, {third});
    CHECK(other.state == ThreadState::inactive);
    constexpr std::uint64_t resume_target = 2;
    program.does(third, InvocationLabel::TCBCopyRegisters, {resume_target}, {self});
    CHECK(other.is_runnable());
    constexpr std::uint64_t resume = 1;
    program.does(third, InvocationLabel::TCBSuspend);
    program.does(third, InvocationLabel::TCBWriteRegisters, {resume, 0});
    CHECK(other.is_runnable());
}

TEST("a thread can copy another's registers to itself, and goes on where that one was") {
    Program program;
    kernel::Tcb& other = program.yield_to_other();
    program.yield_to_initial();
    other.context().set(frame::Register::rsp, 0x7777);
    constexpr std::uint64_t frame_registers = 4;
    program.machine.call(self, InvocationLabel::TCBCopyRegisters, {frame_registers}, {third});
    program.yield_to_initial();
    CHECK_EQUAL(program.initial().context().get(frame::Register::rsp), 0x7777U);
}

TEST("a notification is bound to one thread, by a capability that may receive, and while nobody waits") {
    Program program;
    constexpr std::uint64_t write_only = 1;
    program.mint(slot, BaseSystem::notification, write_only, 0);
    program.refuses(refusal::illegal(), third, InvocationLabel::TCBBindNotification, {}, {slot});
    program.refuses(refusal::illegal(), third, InvocationLabel::TCBBindNotification, {}, {BaseSystem::endpoint});
    program.refuses(refusal::illegal(), third, InvocationLabel::TCBBindNotification, {},
                    {BaseSystem::bound_notification});
    program.refuses(refusal::illegal(), first, InvocationLabel::TCBBindNotification, {}, {BaseSystem::notification});
    program.refuses(refusal::illegal(), third, InvocationLabel::TCBUnbindNotification);
    program.yield_to_other();
    program.system_call(Syscall::Recv, BaseSystem::notification);
    CHECK(program.initial_runs());
    program.refuses(refusal::illegal(), self, InvocationLabel::TCBBindNotification, {}, {BaseSystem::notification});
    program.does(first, InvocationLabel::TCBUnbindNotification);
    program.does(self, InvocationLabel::TCBBindNotification, {}, {BaseSystem::bound_notification});
}

TEST("spaces and buffers are refused for what is wrong with them") {
    Program program;
    const auto spaces = [&](const test::Refusal& expected, std::uint64_t cspace, std::uint64_t data,
                            std::uint64_t vspace, std::source_location where = std::source_location::current()) {
        program.refuses(expected, third, InvocationLabel::TCBSetSpace, {0, data, 0}, {cspace, vspace}, where);
        program.refuses(expected, third, InvocationLabel::TCBConfigure, {0, data, 0, 0},
                        {cspace, vspace, BaseSystem::frame}, where);
    };
    spaces(refusal::illegal(), BaseSystem::endpoint, 0, BaseSystem::vspace);
    spaces(refusal::illegal(), space, 0, BaseSystem::endpoint);
    spaces(refusal::illegal(), space, 0, BaseSystem::free_vspace);
    spaces(refusal::illegal(), space, 0, BaseSystem::page_table);
    // More guard than an address has room for.
    spaces(refusal::illegal(), space, abi::cnode_cap_data::make(0, 59), BaseSystem::vspace);
    // An untyped capability with children cannot be copied.
    program.retype(slot, abi::ObjectType::Endpoint);
    spaces(refusal::revoke_first(), BaseSystem::untyped_large, 0, BaseSystem::vspace);
    spaces(refusal::revoke_first(), space, 0, BaseSystem::untyped_large);
    const auto buffer = [&](const test::Refusal& expected, std::uint64_t frame, std::uint64_t address,
                            std::source_location where = std::source_location::current()) {
        program.refuses(expected, third, InvocationLabel::TCBSetIPCBuffer, {address}, {frame}, where);
        program.refuses(expected, third, InvocationLabel::TCBConfigure, {0, 0, 0, address},
                        {space, BaseSystem::vspace, frame}, where);
    };
    buffer(refusal::illegal(), BaseSystem::endpoint, BaseSystem::buffers);
    buffer(refusal::alignment(), BaseSystem::frame, BaseSystem::buffers + 8);
    buffer(refusal::revoke_first(), BaseSystem::untyped_large, BaseSystem::buffers);
    program.retype(slot + 1, abi::ObjectType::Page4K, 0, BaseSystem::device_untyped);
    buffer(refusal::illegal(), slot + 1, BaseSystem::buffers);
}

/// A thread that holds the last capability to its CSpace, a CNode full of capabilities.
void give_own_space(Program& program) {
    program.retype(slot, abi::ObjectType::CapTable, 4);
    for (std::uint64_t index = 0; index < 16; ++index) {
        program.does(slot, InvocationLabel::CNodeCopy, {index, 4, BaseSystem::endpoint, Program::radix, 15}, {space});
    }
    program.does(third, InvocationLabel::TCBSetSpace, {0, 0, 0}, {slot, BaseSystem::vspace});
    program.erase(slot);
}

TEST("a thread keeps a CSpace that only it holds: taking it away would be a long deletion") {
    Program program;
    give_own_space(program);
    program.refuses(refusal::illegal(), third, InvocationLabel::TCBSetSpace, {0, guard, 0},
                    {space, BaseSystem::vspace});
    program.refuses(refusal::illegal(), third, InvocationLabel::TCBConfigure, {0, guard, 0, 0},
                    {space, BaseSystem::vspace, BaseSystem::frame});
}

TEST("flags are what was set and not cleared, and say so") {
    Program program;
    constexpr std::uint64_t fpu_disabled = abi::tcb_flag::fpu_disabled;
    program.does(self, InvocationLabel::TCBSetFlags, {0, fpu_disabled | 0x100});
    CHECK_EQUAL(program.message().size(), 1U);
    CHECK_EQUAL(program.word(0), fpu_disabled);
    CHECK(!frame::host::Processor::instance().is_fpu_enabled);
    program.does(self, InvocationLabel::TCBSetFlags, {fpu_disabled, 0});
    CHECK_EQUAL(program.word(0), 0U);
    CHECK(frame::host::Processor::instance().is_fpu_enabled);
    program.does(third, InvocationLabel::TCBSetFlags, {0, fpu_disabled});
    program.does(third, InvocationLabel::TCBSetFlags, {fpu_disabled, 0});
    CHECK_EQUAL(program.word(0), 0U);
}

TEST("a breakpoint's number is refused with the numbers that there are") {
    Program program;
    program.refuses(refusal::range(0, 3), self, InvocationLabel::TCBUnsetBreakpoint, {4});
}

TEST("results are left only for those that wait for them") {
    Program program;
    constexpr std::uint64_t marker = 0x4d4d;
    program.system_call(Syscall::Send, self, {0, marker}, {}, abi::number(InvocationLabel::TCBSetFlags));
    CHECK_EQUAL(program.word(1), marker);
    CHECK_EQUAL(program.word(0), 0U);
}

TEST("the TLS base of another thread, and of the running one") {
    Program program;
    program.does(third, InvocationLabel::TCBSetTLSBase, {0x5000});
    program.does(self, InvocationLabel::TCBSetTLSBase, {0x6000});
    program.yield_to_initial();
    CHECK_EQUAL(frame::host::Processor::instance().fs_base, 0x6000U);
    program.yield_to_other();
    CHECK_EQUAL(frame::host::Processor::instance().fs_base, 0x5000U);
    // SetTLSBase by the thread itself; what no address can be is ignored.
    program.system_call(Syscall::SetTLSBase, 0x7000);
    CHECK_EQUAL(frame::host::Processor::instance().fs_base, 0x7000U);
    program.system_call(Syscall::SetTLSBase, 0x8000'0000'0000);
    CHECK_EQUAL(frame::host::Processor::instance().fs_base, 0x7000U);
}

TEST("resuming a thread that runs changes nothing; suspending one that waits ends its waiting") {
    Program program;
    program.does(self, InvocationLabel::TCBResume);
    CHECK(program.initial_runs());
    program.does(first, InvocationLabel::TCBSuspend);
    program.system_call(Syscall::NBSend, BaseSystem::other_endpoint, {1});
    CHECK(program.initial_runs());
}

}  // namespace
