// SPDX-License-Identifier: GPL-2.0-only
//
// Invocations of untyped memory, interrupts, I/O ports and domains as a program makes them, and the interrupts themselves.
#include "frame/host/devices.hpp"
#include "frame/host/entry.hpp"
#include "tests/unit/program.hpp"

namespace {

using abi::CapabilityTag;
using abi::InvocationLabel;
using abi::ObjectType;
using abi::Syscall;
using frame::host::Devices;
using test::BaseSystem;
using test::Program;
using test::Result;
using test::Step;
using test::Words;
namespace refusal = test::refusal;

constexpr std::uint64_t space = BaseSystem::space_plain;
constexpr std::uint64_t slot = Program::slot;
constexpr std::uint64_t radix = Program::radix;

// --- Untyped memory ---

TEST("Retype is refused for the first thing that is wrong") {
    Program program;
    const auto refuses = [&](const test::Refusal& expected, Words words, Words caps,
                             std::source_location where = std::source_location::current()) {
        program.refuses(expected, BaseSystem::untyped_small, InvocationLabel::UntypedRetype, std::move(words),
                        std::move(caps), where);
    };
    constexpr std::uint64_t endpoint = abi::number(ObjectType::Endpoint);
    constexpr std::uint64_t cnode = abi::number(ObjectType::CapTable);
    constexpr std::uint64_t untyped = abi::number(ObjectType::Untyped);
    constexpr std::uint64_t most = abi::size_bits::max_untyped;
    refuses(refusal::truncated(), {endpoint, 0, 0, 0, slot}, {space});
    refuses(refusal::truncated(), {endpoint, 0, 0, 0, slot, 1}, {});
    refuses(refusal::argument(0), {99, 0, 0, 0, slot, 1}, {space});
    refuses(refusal::range(0, most), {endpoint, 64, 0, 0, slot, 1}, {space});
    refuses(refusal::range(0, most), {untyped, most + 1, 0, 0, slot, 1}, {space});
    refuses(refusal::range(0, most), {cnode, most - 4, 0, 0, slot, 1}, {space});
    refuses(refusal::argument(1), {cnode, 0, 0, 0, slot, 1}, {space});
    refuses(refusal::argument(1), {untyped, abi::size_bits::min_untyped - 1, 0, 0, slot, 1}, {space});
    refuses(refusal::missing(false, 0), {endpoint, 0, 0, 0, slot, 1}, {BaseSystem::frame});
    refuses(refusal::missing(false, radix), {endpoint, 0, BaseSystem::frame, radix, slot, 1}, {space});
    refuses(refusal::no_root(false), {endpoint, 0, BaseSystem::frame, radix, slot, 1}, {BaseSystem::frame});
    refuses(refusal::range(0, 63), {endpoint, 0, 0, 0, 64, 1}, {space});
    refuses(refusal::range(1, abi::retype_fan_out_limit), {endpoint, 0, 0, 0, slot, 0}, {space});
    refuses(refusal::range(1, abi::retype_fan_out_limit), {endpoint, 0, 0, 0, slot, abi::retype_fan_out_limit + 1},
            {space});
    refuses(refusal::range(1, 2), {endpoint, 0, 0, 0, 62, 3}, {space});
    refuses(refusal::delete_first(), {endpoint, 0, 0, 0, BaseSystem::free_vspace, 2}, {space});
    refuses({abi::Error::NotEnoughMemory, {8192}}, {untyped, 14, 0, 0, slot, 1}, {space});
    refuses({abi::Error::NotEnoughMemory, {8192}}, {untyped, 12, 0, 0, slot, 3}, {space});
    program.refuses(refusal::argument(1), BaseSystem::device_untyped, InvocationLabel::UntypedRetype,
                    {endpoint, 0, 0, 0, slot, 1}, {space});
    program.refuses(refusal::illegal(), BaseSystem::untyped_small, InvocationLabel::CNodeDelete, {slot, radix});
    program.does(BaseSystem::untyped_small, InvocationLabel::UntypedRetype,
                 {endpoint, 0, BaseSystem::second_cnode, radix, 0, 16}, {space});
    refuses({abi::Error::NotEnoughMemory, {8192 - 16 * 16}}, {untyped, 13, 0, 0, slot, 1}, {space});
}

// --- Interrupts ---

void interrupt(Program& program, std::uint32_t vector) {
    program.machine.perform(Step{.kind = Step::Kind::interrupt, .number = vector});
}

TEST("an interrupt signals its notification and stays masked until it is acknowledged") {
    Program program;
    Devices& devices = Devices::instance();
    CHECK(!devices.route(5).is_masked);
    interrupt(program, BaseSystem::irq_vector);
    CHECK(devices.route(5).is_masked);
    CHECK_EQUAL(devices.acknowledged, 1U);
    program.does(BaseSystem::irq_handler, InvocationLabel::IRQAckIRQ);
    CHECK(!devices.route(5).is_masked);
    program.system_call(Syscall::NBRecv, BaseSystem::notification);
    CHECK_EQUAL(program.badge(), 0U);
    program.mint(slot, BaseSystem::notification, Program::all_rights, 6);
    program.does(BaseSystem::irq_handler, InvocationLabel::IRQSetIRQHandler, {}, {slot});
    interrupt(program, BaseSystem::irq_vector);
    program.system_call(Syscall::NBRecv, BaseSystem::notification);
    CHECK_EQUAL(program.badge(), 6U);
}

TEST("an interrupt whose last handler capability goes is masked") {
    Program program;
    CHECK(!Devices::instance().route(5).is_masked);
    program.erase(BaseSystem::irq_handler);
    CHECK(Devices::instance().route(5).is_masked);
}

TEST("an interrupt without a handler is masked, and signals nobody") {
    Program program;
    Devices& devices = Devices::instance();
    program.does(BaseSystem::irq_handler, InvocationLabel::IRQClearIRQHandler);
    interrupt(program, BaseSystem::irq_vector);
    CHECK(devices.route(5).is_masked);
    CHECK_EQUAL(devices.acknowledged, 1U);
    program.erase(BaseSystem::irq_handler);
    devices.route(5).is_masked = false;
    interrupt(program, BaseSystem::irq_vector);
    CHECK_EQUAL(devices.acknowledged, 2U);
    interrupt(program, frame::interrupt_vector::first_user);
    CHECK_EQUAL(devices.acknowledged, 3U);
}

TEST("what is no interrupt in service is not acknowledged") {
    Program program;
    for (const std::uint32_t vector : {frame::interrupt_vector::spurious, frame::interrupt_vector::first - 1}) {
        interrupt(program, vector);
    }
    CHECK_EQUAL(Devices::instance().acknowledged, 0U);
    CHECK(program.initial_runs());
}

TEST("an interrupt that is withdrawn while the kernel stops for it is none: the call is repeated") {
    Program program;
    program.copy(slot, BaseSystem::endpoint);
    frame::host::Processor::instance().is_interrupt_pending = true;
    const Result result = program.machine.call(space, InvocationLabel::CNodeRevoke, {BaseSystem::endpoint, radix});
    CHECK(result.kind == Result::Kind::preempted);
    CHECK_EQUAL(Devices::instance().acknowledged, 0U);
    frame::host::Processor::instance().is_interrupt_pending = false;
    CHECK(program.machine.perform(Step{.kind = Step::Kind::repeat}) == Result{});
    CHECK(program.kind_of(slot) == CapabilityTag::Null);
}

TEST("IRQ handlers refuse what is no notification to signal") {
    Program program;
    constexpr std::uint64_t read_only = 2;
    program.mint(slot, BaseSystem::notification, read_only, 0);
    const std::uint64_t handler = BaseSystem::irq_handler;
    program.refuses(refusal::truncated(), handler, InvocationLabel::IRQSetIRQHandler);
    program.refuses(refusal::capability(0), handler, InvocationLabel::IRQSetIRQHandler, {}, {slot});
    program.refuses(refusal::capability(0), handler, InvocationLabel::IRQSetIRQHandler, {}, {BaseSystem::endpoint});
    program.refuses(refusal::illegal(), handler, InvocationLabel::UntypedRetype);
}

TEST("IRQ control is refused for the first thing that is wrong") {
    Program program;
    const std::uint64_t control = BaseSystem::irq_control;
    const auto refuses = [&](const test::Refusal& expected, InvocationLabel label, Words words, Words caps,
                             std::source_location where = std::source_location::current()) {
        program.refuses(expected, control, label, std::move(words), std::move(caps), where);
    };
    refuses(refusal::truncated(), InvocationLabel::IRQIssueIRQHandler, {1, slot}, {space});
    refuses(refusal::truncated(), InvocationLabel::IRQIssueIRQHandler, {1, slot, radix}, {});
    refuses(refusal::illegal(), InvocationLabel::IRQIssueIRQHandler, {1, slot, radix}, {space});
    refuses(refusal::illegal(), InvocationLabel::UntypedRetype, {}, {});
    constexpr auto pin = InvocationLabel::X86IRQIssueIRQHandlerIOAPIC;
    refuses(refusal::truncated(), pin, {slot, radix, 0, 1, 0, 0}, {space});
    refuses(refusal::truncated(), pin, {slot, radix, 0, 1, 0, 0, 3}, {});
    refuses(refusal::range(0, 107), pin, {slot, radix, 0, 1, 0, 0, 108}, {space});
    refuses(refusal::revoke_first(), pin, {slot, radix, 0, 1, 0, 0, BaseSystem::irq_vector - 48}, {space});
    refuses(refusal::no_root(false), pin, {slot, radix, 0, 1, 0, 0, 3}, {BaseSystem::endpoint});
    refuses(refusal::delete_first(), pin, {BaseSystem::endpoint, radix, 0, 1, 0, 0, 3}, {space});
    refuses(refusal::range(0, 0), pin, {slot, radix, 1, 1, 0, 0, 3}, {space});
    refuses(refusal::range(0, Devices::pin_count - 1), pin, {slot, radix, 0, 24, 0, 0, 3}, {space});
    refuses(refusal::range(0, 1), pin, {slot, radix, 0, 1, 2, 0, 3}, {space});
    refuses(refusal::range(0, 1), pin, {slot, radix, 0, 1, 0, 2, 3}, {space});
    constexpr auto message = InvocationLabel::X86IRQIssueIRQHandlerMSI;
    refuses(refusal::range(0, 255), message, {slot, radix, 256, 0, 0, 0, 3}, {space});
    refuses(refusal::range(0, 31), message, {slot, radix, 0, 32, 0, 0, 3}, {space});
    refuses(refusal::range(0, 7), message, {slot, radix, 0, 0, 8, 0, 3}, {space});
    program.does(control, message, {slot, radix, 255, 31, 7, 0, 3}, {space});
    program.does(control, pin, {slot + 1, radix, 0, 1, 1, 1, 4}, {space});
    const Devices::Route& route = Devices::instance().route(1);
    CHECK(route.trigger == frame::TriggerMode::level && route.polarity == frame::Polarity::low);
    CHECK_EQUAL(route.vector, frame::interrupt_vector::first_user + 4);
    // An interrupt that is a message has no pin to mask.
    program.does(slot, InvocationLabel::IRQSetIRQHandler, {}, {BaseSystem::notification});
    interrupt(program, frame::interrupt_vector::first_user + 3);
    CHECK_EQUAL(Devices::instance().acknowledged, 1U);
    program.erase(slot);
    program.does(control, message, {slot, radix, 0, 0, 0, 0, 3}, {space});
}

// --- I/O ports ---

TEST("I/O ports are issued once, and accessed within their range") {
    Program program;
    const std::uint64_t control = BaseSystem::io_port_control;
    constexpr auto issue = InvocationLabel::X86IOPortControlIssue;
    program.refuses(refusal::illegal(), control, InvocationLabel::UntypedRetype);
    program.refuses(refusal::truncated(), control, issue, {0x60, 0x64, slot}, {space});
    program.refuses(refusal::truncated(), control, issue, {0x60, 0x64, slot, radix}, {});
    program.refuses(refusal::argument(1), control, issue, {0x64, 0x60, slot, radix}, {space});
    program.refuses(refusal::revoke_first(), control, issue,
                    {BaseSystem::last_port, BaseSystem::last_port + 1, slot, radix}, {space});
    program.refuses(refusal::no_root(false), control, issue, {0x60, 0x64, slot, radix}, {BaseSystem::endpoint});
    program.refuses(refusal::delete_first(), control, issue, {0x60, 0x64, BaseSystem::endpoint, radix}, {space});
    program.does(control, issue, {0x1000, 0x10ff, slot, radix}, {space});
    struct Access {
        InvocationLabel out, in;
        std::uint64_t bytes;
    };
    constexpr std::array accesses{Access{InvocationLabel::X86IOPortOut8, InvocationLabel::X86IOPortIn8, 1},
                                  Access{InvocationLabel::X86IOPortOut16, InvocationLabel::X86IOPortIn16, 2},
                                  Access{InvocationLabel::X86IOPortOut32, InvocationLabel::X86IOPortIn32, 4}};
    for (const Access& access : accesses) {
        program.does(slot, access.out, {0x1010, 0x8765'4321});
        program.does(slot, access.in, {0x1010});
        CHECK_EQUAL(program.message().size(), 1U);
        CHECK_EQUAL(program.word(0), 0x8765'4321U & ((std::uint64_t{1} << (8 * access.bytes)) - 1));
        program.does(slot, access.in, {0x1100 - access.bytes});
        program.refuses(refusal::illegal(), slot, access.in, {0x1101 - access.bytes});
        program.refuses(refusal::illegal(), slot, access.in, {0xfff});
        program.refuses(refusal::truncated(), slot, access.in);
        program.refuses(refusal::truncated(), slot, access.out, {0x1010});
    }
    program.refuses(refusal::illegal(), slot, InvocationLabel::UntypedRetype);
    program.erase(slot);
    program.does(control, issue, {0x10ff, 0x1100, slot, radix}, {space});
}

TEST("a range of I/O ports is taken as a whole, and nothing beside it, wherever it lies; its deletion gives it back") {
    Program program;
    const auto issue = [&](std::uint64_t first, std::uint64_t last, std::uint64_t to) {
        program.does(BaseSystem::io_port_control, InvocationLabel::X86IOPortControlIssue, {first, last, to, radix},
                     {space});
    };
    const auto refuses = [&](std::uint64_t first, std::uint64_t last) {
        program.refuses(refusal::revoke_first(), BaseSystem::io_port_control, InvocationLabel::X86IOPortControlIssue,
                        {first, last, slot + 9, radix}, {space});
    };
    struct Range {
        std::uint64_t first, last;
    };
    for (const Range& range :
         {Range{0x1000, 0x1000}, Range{0x203f, 0x2040}, Range{0x3041, 0x30fe}, Range{0xffc1, 0xfffe}}) {
        issue(range.first, range.last, slot);
        refuses(range.first, range.first);
        refuses(range.last, range.last);
        refuses(range.first - 1, range.last + 1);
        issue(range.first - 64, range.first - 1, slot + 1);
        issue(range.last + 1, range.last + 1, slot + 2);
        program.erase(slot);
        refuses(range.first - 1, range.first);
        refuses(range.last, range.last + 1);
        issue(range.first, range.last, slot);
        program.erase(slot);
        program.erase(slot + 1);
        program.erase(slot + 2);
    }
}

// --- Domains ---

constexpr std::uint64_t domains = abi::config::num_domains;
constexpr std::uint64_t last_entry = abi::config::num_domain_schedules - 1;

TEST("the domain capability is refused for the first thing that is wrong") {
    Program program;
    const std::uint64_t domain = BaseSystem::domain;
    const std::uint64_t thread = BaseSystem::tcb + 2;
    constexpr auto set = InvocationLabel::DomainSetSet;
    program.refuses(refusal::illegal(), domain, InvocationLabel::UntypedRetype);
    program.refuses(refusal::truncated(), domain, set, {}, {thread});
    program.refuses(refusal::argument(0), domain, set, {domains}, {thread});
    program.refuses(refusal::truncated(), domain, set, {1});
    program.refuses(refusal::argument(1), domain, set, {1}, {BaseSystem::frame});
    constexpr auto configure = InvocationLabel::DomainScheduleConfigure;
    program.refuses(refusal::truncated(), domain, configure, {0, 0});
    program.refuses(refusal::range(0, last_entry - 1), domain, configure, {last_entry, 0, 1});
    program.refuses(refusal::range(0, domains - 1), domain, configure, {1, domains, 1});
    program.refuses(refusal::argument(2), domain, configure, {1, 0, std::uint64_t{1} << 56});
    program.refuses(refusal::argument(1), domain, configure, {1, 1, 0});
    program.refuses(refusal::argument(2), domain, configure, {0, 0, 0});
    program.does(domain, configure, {1, 0, 0});
    constexpr auto start = InvocationLabel::DomainScheduleSetStart;
    program.refuses(refusal::truncated(), domain, start);
    program.refuses(refusal::range(0, last_entry), domain, start, {last_entry + 1});
    program.refuses(refusal::argument(0), domain, start, {1});
}

void tick(Program& program, unsigned times) {
    for (unsigned count = 0; count < times; ++count) {
        interrupt(program, frame::interrupt_vector::timer);
    }
}

TEST("domains take turns as the schedule says, from its start after its end") {
    Program program;
    const std::uint64_t domain = BaseSystem::domain;
    constexpr auto configure = InvocationLabel::DomainScheduleConfigure;
    program.does(domain, configure, {0, 0, 3});
    program.does(domain, configure, {1, 1, 2});
    program.does(domain, configure, {2, 0, 1});
    program.does(domain, InvocationLabel::DomainSetSet, {1}, {BaseSystem::tcb + 2});
    program.machine.call(domain, InvocationLabel::DomainScheduleSetStart, {0});
    CHECK(program.initial_runs());
    for (unsigned round = 0; round < 3; ++round) {
        tick(program, 2);
        CHECK(program.initial_runs());
        tick(program, 1);
        CHECK(!program.machine.is_idle() && !program.initial_runs());
        tick(program, 1);
        CHECK(!program.machine.is_idle() && !program.initial_runs());
        tick(program, 1);
        CHECK(program.initial_runs());
        tick(program, 1);
        CHECK(program.initial_runs());
    }
}

TEST("a domain without a ready thread idles until its turn is over") {
    Program program;
    const std::uint64_t domain = BaseSystem::domain;
    program.does(domain, InvocationLabel::DomainScheduleConfigure, {1, 2, 2});
    program.does(domain, InvocationLabel::DomainScheduleConfigure, {2, 0, 1});
    program.machine.call(domain, InvocationLabel::DomainScheduleSetStart, {1});
    CHECK(program.machine.is_idle());
    tick(program, 1);
    CHECK(program.machine.is_idle());
    tick(program, 1);
    CHECK(program.initial_runs());
}

TEST("a schedule with no free entry goes on from its start after its last one") {
    Program program;
    for (std::uint64_t index = 1; index < last_entry; ++index) {
        program.does(BaseSystem::domain, InvocationLabel::DomainScheduleConfigure, {index, index % 2, 1});
    }
    program.does(BaseSystem::domain, InvocationLabel::DomainSetSet, {1}, {BaseSystem::tcb + 2});
    program.machine.call(BaseSystem::domain, InvocationLabel::DomainScheduleSetStart, {last_entry - 1});
    CHECK(program.initial_runs());
    tick(program, 1);
    CHECK(program.initial_runs());
}

TEST("a thread that moves itself to another domain waits for that domain's turn") {
    Program program;
    program.machine.call(BaseSystem::domain, InvocationLabel::DomainSetSet, {1}, {BaseSystem::initial_tcb});
    CHECK(!program.initial_runs());
    CHECK(program.initial().is_runnable());
    // A message for it does not make it run either.
    program.machine.call(BaseSystem::domain, InvocationLabel::DomainSetSet, {1}, {BaseSystem::tcb});
    program.system_call(Syscall::NBSend, BaseSystem::other_endpoint, {1});
    CHECK(!program.initial_runs());
    program.machine.call(BaseSystem::domain, InvocationLabel::DomainSetSet, {0}, {BaseSystem::initial_tcb});
    program.yield_to_initial();
}

}  // namespace
