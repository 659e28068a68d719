// SPDX-License-Identifier: GPL-2.0-only
#include "tests/machine/machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <format>
#include <utility>

#include <frame/core.hpp>
#include <frame/detail/core_access.hpp>
#include <frame/detail/object_memory.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/checkpoint.hpp"
#include "frame/host/devices.hpp"
#include "frame/host/entry.hpp"
#include "frame/host/mmu.hpp"
#include "frame/host/processor.hpp"
#include "kernel/sched/scheduler.hpp"
#include "tests/machine/invariants.hpp"
#include "tests/support/elf_file.hpp"

namespace test {

namespace {

using frame::PhysicalAddress;
using frame::Register;
using frame::host::Arena;
using frame::host::Mmu;
using frame::host::Processor;

constexpr std::uint64_t page = 4096;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::abort();
}

frame::PhysicalRange range(std::uint64_t start, std::uint64_t size) {
    return {PhysicalAddress{start}, PhysicalAddress{start + size}};
}

kernel::Tcb& tcb_at(std::uint64_t offset) { return *frame::detail::pointer_at<kernel::Tcb>(offset); }

std::uint64_t running_offset() {
    const std::uint64_t link = frame::detail::CoreAccess::context(frame::detail::CoreAccess::this_core());
    return link == 0 ? 0 : frame::detail::link_place(link) - frame::detail::window_base;
}

kernel::Domain running_domain() {
    const frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
    return kernel::scheduler(phase).current_domain();
}

template <class Visit>
void for_each_thread(Visit visit) {
    for (const Arena::Number number : Arena::live()) {
        if (Arena::object(number).is<kernel::Tcb>()) {
            visit(Arena::object(number).offset);
        }
    }
}

/// Executes the system call, and notes which threads it brought into the running domain.
void execute_domain_set() {
    std::vector<std::uint64_t> elsewhere;
    for_each_thread([&](std::uint64_t tcb) {
        if (tcb_at(tcb).domain != running_domain()) {
            elsewhere.push_back(tcb);
        }
    });
    const kernel::Domain domain = running_domain();
    frame::host::execute_syscall();
    for (const std::uint64_t tcb : elsewhere) {
        if (tcb_at(tcb).domain == domain && running_domain() == domain) {
            brought_into_domain().push_back(tcb);
        }
    }
}

/// Forgets those that run, died, or are no better than the running thread: from then on they wait like everybody.
void forget_passed_over() {
    std::erase_if(brought_into_domain(), [](std::uint64_t tcb) {
        const Arena::Number number = Arena::number_at(tcb);
        return number == 0 || !Arena::object(number).is<kernel::Tcb>() || running_offset() == 0 ||
               !tcb_at(tcb).block.links.ready.is_linked() || tcb_at(tcb).domain != running_domain() ||
               tcb_at(tcb).priority <= tcb_at(running_offset()).priority;
    });
}

}  // namespace

std::string to_text(const Result& result) {
    switch (result.kind) {
    case Result::Kind::success:
        return "success";
    case Result::Kind::error:
        return std::string{abi::name(result.error)};
    case Result::Kind::sent:
        return "sent";
    case Result::Kind::blocked:
        return "blocked";
    case Result::Kind::preempted:
        return "preempted";
    case Result::Kind::fault:
        return "fault";
    case Result::Kind::gone:
        return "gone";
    }
    return {};
}

Machine& Machine::boot(const Options& options) {
    // Lives as long as the process, so that no destructor runs while it is in use.
    static auto* const machine = new Machine{options};
    return *machine;
}

Machine::Machine(const Options& options) {
    Processor::instance().console = Processor::Console::kept;
    Arena::create(options.ram_start + options.ram_bytes);
    static frame::BootDescription boot{};
    static frame::MachineDescription machine{};
    machine.tsc_frequency_mhz = 1000;
    // Small, so that it is quickly looked through and set back.
    boot.command_line = frame::Text<1024>{"root_cnode_bits=9"};
    machine.io_apic_count = 1;
    const std::uint64_t image = options.ram_start;
    const std::uint64_t module = image + page;
    const std::vector<std::byte> file = ElfFile{.segments = {ElfSegment{.data = std::vector<std::byte>(page)}}}.build();
    frame::detail::shadow_open(module, (file.size() + page - 1) / page * page);
    std::memcpy(frame::detail::bytes_at(PhysicalAddress{module}), file.data(), file.size());
    machine.kernel_image = range(image, page);
    const bool fits =
        machine.ram.add(range(options.ram_start, options.ram_bytes)) &&
        boot.memory_map.add({PhysicalAddress{options.ram_start}, options.ram_bytes, frame::MemoryMapEntry::ram}) &&
        machine.reserved_device_memory.add(range(0xfec0'0000, page)) &&
        machine.reserved_device_memory.add(range(0xfee0'0000, page)) &&
        boot.modules.add({range(module, file.size()), frame::Text<96>{"script"}});
    if (!fits) {
        give_up("the modelled machine does not fit its description");
    }
    frame::host::start_kernel(boot, machine);
    initial_thread_ = running_offset();
    after_entry();
}

bool Machine::is_idle() const { return running_offset() == 0; }

bool Machine::is_repeating() const {
    return !is_idle() && running().block.context.get(Register::next_ip) == syscall_address;
}

kernel::Tcb& Machine::running() const { return tcb_at(running_offset()); }

std::uint64_t Machine::running_place() { return running_offset(); }

kernel::Tcb& Machine::initial_thread() const { return tcb_at(initial_thread_); }

std::uint64_t Machine::result_word(std::size_t index) const {
    constexpr std::array registers{Register::r10, Register::r8, Register::r9, Register::r15};
    return running().block.context.get(registers.at(index));
}

void Machine::checkpoint() { frame::host::checkpoint(); }

void Machine::restore() {
    frame::host::restore();
    brought_into_domain().clear();
}

void Machine::check_invariants() {
    const std::vector<Violation> found = violations();
    for (const Violation& violation : found) {
        std::fprintf(stderr, "invariant %s: %s\n", std::string{violation.invariant}.c_str(), violation.what.c_str());
    }
    if (!found.empty()) {
        give_up("an invariant does not hold");
    }
}

void Machine::after_entry() {
    ++entries_;
    if (!brought_into_domain().empty()) {
        forget_passed_over();
    }
    constexpr std::uint64_t time_of_an_entry = 1000;
    Processor::instance().time += time_of_an_entry;
    Processor::instance().preemptions = 0;
    if (checks_every_entry) {
        check_invariants();
    }
}

std::optional<std::uint64_t> Machine::load(std::uint64_t address) {
    const auto place = Mmu::instance().access(frame::UserAddress{address & ~std::uint64_t{7}}, false);
    if (!place) {
        return std::nullopt;
    }
    return place->value() < Arena::size() ? Arena::read_user(*place) : 0;
}

bool Machine::store(std::uint64_t address, std::uint64_t value) {
    const auto place = Mmu::instance().access(frame::UserAddress{address & ~std::uint64_t{7}}, true);
    if (!place) {
        return false;
    }
    if (place->value() < Arena::size()) {
        Arena::write_user(*place, value);
    }
    return true;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> Machine::message_stores(const Step& step) const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> stores;
    const std::uint64_t buffer = running().ipc_buffer.value();
    const auto put = [&](std::size_t word, std::uint64_t value) {
        stores.emplace_back(buffer + word * sizeof(std::uint64_t), value);
    };
    for (std::size_t index = abi::message::register_count; index < step.words.size(); ++index) {
        put(abi::ipc_buffer::msg + index, step.words[index]);
    }
    for (std::size_t index = 0; index < step.caps.size(); ++index) {
        put(abi::ipc_buffer::caps_or_badges + index, step.caps[index]);
    }
    if (step.receive) {
        put(abi::ipc_buffer::receive_cnode, (*step.receive)[0]);
        put(abi::ipc_buffer::receive_index, (*step.receive)[1]);
        put(abi::ipc_buffer::receive_depth, (*step.receive)[2]);
    }
    return stores;
}

Result Machine::outcome_of(std::uint64_t thread, std::int64_t call) const {
    using Kind = Result::Kind;
    const Arena::Number number = Arena::number_at(thread);
    if (number == 0 || !Arena::object(number).is<kernel::Tcb>()) {
        return {Kind::gone};
    }
    const kernel::Tcb& tcb = tcb_at(thread);
    if (tcb.fault.type != abi::FaultType::NullFault) {
        return {Kind::fault};
    }
    if (tcb.block.context.get(Register::next_ip) == syscall_address || tcb.state == kernel::ThreadState::restart) {
        return {Kind::preempted};
    }
    if (tcb.state == kernel::ThreadState::inactive) {
        return {Kind::gone};
    }
    if (tcb.state != kernel::ThreadState::running) {
        return {Kind::blocked};
    }
    if (call != abi::number(abi::Syscall::Call)) {
        return {Kind::sent};
    }
    const std::uint64_t label = abi::message_info::label(tcb.block.context.get(Register::rsi));
    const auto error = label <= 16 ? abi::error(label) : std::nullopt;
    return error && *error != abi::Error::NoError ? Result{Kind::error, *error} : Result{Kind::success};
}

Result Machine::enter_by_syscall(const Step& step) {
    Processor::instance().preemptions = step.preemptions;
    Processor::instance().preempting_vector = step.preempting_vector;
    const std::uint64_t thread = running_offset();
    const auto call = static_cast<std::int64_t>(running().block.context.get(Register::rdx));
    if (abi::message_info::label(running().block.context.get(Register::rsi)) ==
        abi::number(abi::InvocationLabel::DomainSetSet)) {
        execute_domain_set();
    } else {
        frame::host::execute_syscall();
    }
    after_entry();
    return outcome_of(thread, call);
}

Result Machine::perform_syscall(const Step& step) {
    if (is_repeating()) {
        return enter_by_syscall(step);
    }
    for (const auto& [address, value] : message_stores(step)) {
        // Where nothing is mapped the message stays incomplete: the program would have faulted before.
        store(address, value);
    }
    frame::UserContext& context = running().block.context;
    context.set(Register::next_ip, syscall_address);
    context.set(Register::rdx, static_cast<std::uint64_t>(step.call));
    context.set(Register::rdi, step.capability);
    context.set(Register::rsi, step.info);
    constexpr std::array registers{Register::r10, Register::r8, Register::r9, Register::r15};
    for (std::size_t index = 0; index < registers.size(); ++index) {
        context.set(registers.at(index), index < step.words.size() ? step.words[index] : 0);
    }
    return enter_by_syscall(step);
}

Result Machine::access(const Step& step) {
    const bool is_write = step.kind == Step::Kind::write;
    if (is_write ? store(step.address, step.value) : load(step.address).has_value()) {
        return {};
    }
    constexpr std::uint64_t write_bit = 2;
    constexpr std::uint64_t user_bit = 4;
    const std::uint64_t thread = running_offset();
    frame::host::raise_page_fault(step.address, user_bit | (is_write ? write_bit : 0));
    after_entry();
    return outcome_of(thread, 0);
}

void Machine::raise_exception(const Step& step) {
    constexpr std::uint64_t debug = 1;
    constexpr std::uint64_t breakpoint = 3;
    if (abi::config::hardware_debug_api && (step.number == debug || step.number == breakpoint)) {
        // What the debug status register would say (Intel SDM vol. 3B, 18.2.3).
        constexpr std::uint64_t four_breakpoints = 0xf;
        constexpr std::uint64_t single_step = 1U << 4;
        frame::host::raise_debug_exception({.is_software_break = step.number == breakpoint,
                                            .is_single_step = (step.value & single_step) != 0,
                                            .breakpoints = static_cast<std::uint8_t>(step.value & four_breakpoints)});
    } else {
        frame::host::raise_exception(static_cast<std::uint32_t>(step.number), step.value);
    }
}

Result Machine::perform(const Step& step) {
    if (observer) {
        observer(step);
    }
    if (is_idle() && step.kind != Step::Kind::interrupt) {
        return {Result::Kind::gone};
    }
    const std::uint64_t thread = running_offset();
    switch (step.kind) {
    case Step::Kind::syscall:
        return perform_syscall(step);
    case Step::Kind::repeat:
        return is_repeating() ? enter_by_syscall(step) : Result{Result::Kind::gone};
    case Step::Kind::interrupt:
        frame::host::interrupt(static_cast<std::uint32_t>(step.number));
        after_entry();
        return {};
    case Step::Kind::trap:
        frame::host::execute_trap(static_cast<std::uint32_t>(step.number));
        after_entry();
        return outcome_of(thread, 0);
    case Step::Kind::exception:
        raise_exception(step);
        after_entry();
        return outcome_of(thread, 0);
    case Step::Kind::read:
    case Step::Kind::write:
        return access(step);
    }
    return {};
}

Result Machine::call(std::uint64_t capability, abi::InvocationLabel label, std::vector<std::uint64_t> words,
                     std::vector<std::uint64_t> caps) {
    return perform(Step{.capability = capability,
                        .info = abi::message_info::make(abi::number(label), 0, caps.size(), words.size()),
                        .words = std::move(words),
                        .caps = std::move(caps)});
}

void Machine::must_call(std::uint64_t capability, abi::InvocationLabel label, std::vector<std::uint64_t> words,
                        std::vector<std::uint64_t> caps) {
    Result result = call(capability, label, std::move(words), std::move(caps));
    while (result.kind == Result::Kind::preempted) {
        result = perform(Step{.kind = Step::Kind::repeat});
    }
    if (result != Result{}) {
        give_up(std::format("setting up: {} of the capability at {:#x} came to {}", abi::name(label), capability,
                            to_text(result)));
    }
}

}  // namespace test
