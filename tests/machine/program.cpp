// SPDX-License-Identifier: GPL-2.0-only
#include "tests/machine/program.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>

#include <frame/detail/object_memory.hpp>
#include "frame/host/arena.hpp"
#include "tests/machine/base_system.hpp"
#include "user/replay/layout.h"

namespace test {

namespace {

using frame::Register;

constexpr std::array all_registers{Register::rax, Register::rbx, Register::rdx, Register::rsi, Register::rdi,
                                   Register::rbp, Register::rsp, Register::r8,  Register::r9,  Register::r10,
                                   Register::r12, Register::r13, Register::r14, Register::r15};
static_assert(all_registers.size() == RECORD_REGISTERS && all_registers.at(RECORD_THREAD) == Register::rbx);
static_assert(Machine::syscall_address == REPLAY_SYSCALL);

/// More instructions in a row that are no steps than any system executes; one that does runs in circles.
constexpr unsigned most_instructions = 1000;

constexpr std::uint64_t divide_error = 0;
constexpr std::uint64_t invalid_opcode = 6;
constexpr std::uint64_t general_protection = 13;

std::uint64_t place_of_exception(std::uint64_t number) {
    switch (number) {
    case divide_error:
        return REPLAY_DIVIDE;
    case invalid_opcode:
        return REPLAY_INVALID;
    case general_protection:
        return REPLAY_HALT;
    default:
        std::fprintf(stderr, "no instruction of a program raises exception %llu\n",
                     static_cast<unsigned long long>(number));
        std::abort();
    }
}

}  // namespace

Program::Program(Machine& machine, const std::function<void(const Step&, const Taken&)>& observe) : machine_{machine} {
    constexpr std::uint64_t set_space = abi::number(abi::InvocationLabel::TCBSetSpace);
    bool lives_in_its_space = false;
    machine.observer = [&](const Step& step) {
        if (lives_in_its_space) {
            Taken taken = describe();
            taken.stores = stores_of(step);
            observe(step, taken);
        }
        lives_in_its_space = lives_in_its_space ||
                             (step.kind == Step::Kind::syscall && abi::message_info::label(step.info) == set_space);
    };
    BaseSystem::build(machine);
    machine.observer = nullptr;
    // The machine's threads have this from the start.
    std::uint64_t number = 0;
    const auto prepare = [&](kernel::Tcb& tcb) {
        frame::UserContext& context = tcb.block.context;
        for (const Register reg :
             {Register::rax, Register::rbp, Register::rsp, Register::r12, Register::r13, Register::r14}) {
            context.set(reg, 0);
        }
        context.set(Register::rbx, number++);
        if (context.get(Register::next_ip) == 0) {
            context.set(Register::next_ip, REPLAY_CODE);
            context.restart_at_next_ip();
        }
    };
    // Numbers of objects say in which order they were made: the initial thread is the first.
    const std::span<const frame::host::Arena::Number> living = frame::host::Arena::live();
    std::vector<frame::host::Arena::Number> objects(living.begin(), living.end());
    std::ranges::sort(objects);
    for (const auto object : objects) {
        const frame::host::ObjectRecord& record = frame::host::Arena::object(object);
        if (record.is<kernel::Tcb>()) {
            prepare(*frame::detail::pointer_at<kernel::Tcb>(record.offset));
        }
    }
}

/// Where the thread goes on without a step; false if it is at one.
bool Program::go_on_at(std::uint64_t address) {
    frame::UserContext& context = machine_.running().block.context;
    const auto repeat = [&](const Step& step) {
        if (machine_.perform(step).kind == Result::Kind::success && context.get(Register::next_ip) == address) {
            context.set(Register::next_ip, REPLAY_NEXT);
        }
    };
    const std::uint64_t rcx = context.get(Register::rcx);
    switch (address) {
    case REPLAY_SYSCALL:
        machine_.perform(Step{.kind = Step::Kind::repeat});
        return true;
    case REPLAY_READ:
        repeat(Step{.kind = Step::Kind::read, .address = rcx});
        return true;
    case REPLAY_WRITE:
        repeat(Step{.kind = Step::Kind::write, .address = rcx, .value = context.get(Register::r11)});
        return true;
    case REPLAY_DIVIDE:
        machine_.perform(Step{.kind = Step::Kind::exception, .number = divide_error});
        return true;
    case REPLAY_INVALID:
        machine_.perform(Step{.kind = Step::Kind::exception, .number = invalid_opcode});
        return true;
    case REPLAY_HALT:
        machine_.perform(Step{.kind = Step::Kind::exception, .number = general_protection});
        return true;
    default:
        break;
    }
    const std::uint64_t trap = (address - REPLAY_TRAPS) / REPLAY_TRAP_SIZE;
    if (address >= REPLAY_TRAPS && trap < 256 && REPLAY_TRAPS + trap * REPLAY_TRAP_SIZE == address) {
        machine_.perform(Step{.kind = Step::Kind::trap, .number = trap});
        return true;
    }
    return false;
}

/// Executes what is no step; false if the running thread is where nobody knows what it does.
bool Program::settle() {
    for (unsigned count = 0; !machine_.is_idle(); ++count) {
        const std::uint64_t address = machine_.running().block.context.get(Register::next_ip);
        if (count == most_instructions) {
            return false;
        }
        if (!machine_.load(address)) {
            machine_.perform(Step{.kind = Step::Kind::read, .address = address});
        } else if (address == REPLAY_CODE || address == REPLAY_NEXT) {
            return true;
        } else if (!go_on_at(address)) {
            return false;
        }
    }
    return true;
}

Program::Taken Program::describe() const {
    Taken taken;
    if (!machine_.is_idle()) {
        Registers registers{};
        for (std::size_t index = 0; index < registers.size(); ++index) {
            registers.at(index) = machine_.running().block.context.get(all_registers.at(index));
        }
        taken.registers = registers;
        taken.thread = frame::host::Arena::number_at(machine_.running_place());
        taken.priority = static_cast<std::uint8_t>(machine_.running().priority);
    }
    return taken;
}

/// What the step writes to the IPC buffer, as far as that is there.
std::vector<std::pair<std::uint64_t, std::uint64_t>> Program::stores_of(const Step& step) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> stores;
    if (step.kind == Step::Kind::syscall && !machine_.is_idle()) {
        for (const auto& [address, value] : machine_.message_stores(step)) {
            if (machine_.store(address, value)) {
                stores.emplace_back(address, value);
            }
        }
    }
    return stores;
}

Result Program::perform(const Step& step) {
    if (machine_.is_idle() || step.kind == Step::Kind::syscall || step.kind == Step::Kind::interrupt) {
        return machine_.perform(step);
    }
    frame::UserContext& context = machine_.running().block.context;
    std::uint64_t place = 0;
    switch (step.kind) {
    case Step::Kind::read:
    case Step::Kind::write:
        place = step.kind == Step::Kind::read ? REPLAY_READ : REPLAY_WRITE;
        context.set(Register::rcx, step.address);
        context.set(Register::r11, step.value);
        break;
    case Step::Kind::exception:
        place = place_of_exception(step.number);
        break;
    case Step::Kind::trap:
        place = REPLAY_TRAPS + step.number % 256 * REPLAY_TRAP_SIZE;
        break;
    default:
        return {};
    }
    context.set(Register::next_ip, place);
    const Result result = machine_.perform(step);
    if (result == Result{} && context.get(Register::next_ip) == place) {
        context.set(Register::next_ip, REPLAY_NEXT);
    }
    return result;
}

std::optional<Program::Taken> Program::take(const Step& step) {
    if (!settle()) {
        return std::nullopt;
    }
    Taken taken = describe();
    taken.stores = stores_of(step);
    taken.result = perform(step);
    return taken;
}

std::optional<Program::Taken> Program::look() { return settle() ? std::optional{describe()} : std::nullopt; }

}  // namespace test
