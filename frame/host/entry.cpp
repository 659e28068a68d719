// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/entry.hpp"

#include <utility>

#include <frame/boot_memory.hpp>
#include <frame/debug_state.hpp>
#include <frame/detail/core_access.hpp>
#include <frame/entry_points.hpp>

namespace frame {

/// The frame's own door to a context, past what kernel code may store.
struct ContextAccess {
    static std::uint64_t& at(UserContext& context, Register reg) { return context.at(reg); }
};

namespace host {

namespace {

constexpr std::uint64_t syscall_size = 2;
constexpr std::uint64_t int_size = 2;

/// The registers that an entry stores, when the instruction at `next_ip` is the one that enters.
UserContext& enter(std::uint64_t error, std::uint64_t instruction_size) {
    UserContext* const context = running();
    check(context != nullptr, "the idle core executes no instructions");
    std::uint64_t& next = ContextAccess::at(*context, Register::next_ip);
    ContextAccess::at(*context, Register::fault_ip) = next;
    next += instruction_size;
    ContextAccess::at(*context, Register::error) = error;
    return *context;
}

/// One kernel entry, with what the machine's stubs do before and after the kernel's part.
template <class Act>
void enter_kernel(Act act) {
    Entry entry = detail::PhaseFactory::make<Entry>();
    if constexpr (abi::config::benchmark_track_utilisation) {
        kernel::begin_entry(entry);
    }
    act(entry);
    if constexpr (abi::config::hardware_debug_api) {
        detail::CoreAccess::this_core().load_debug_state();
    }
    if constexpr (abi::config::benchmark_track_utilisation) {
        kernel::end_entry(entry);
    }
}

}  // namespace

void start_kernel(const BootDescription& boot, const MachineDescription& machine) {
    Entry entry = detail::PhaseFactory::make<Entry>();
    kernel::start(entry, detail::BootMemoryFactory::make(boot, machine), boot, machine);
}

UserContext* running() {
    const std::uint64_t thread = detail::CoreAccess::context(detail::CoreAccess::this_core());
    return thread == 0 ? nullptr : &detail::LinkAccess::block(thread)->context;
}

void execute_syscall() {
    const UserContext& context = enter(UserContext::entered_by_syscall, syscall_size);
    enter_kernel([&](Entry& entry) {
        Phase phase = entry.begin();
        const Ref<kernel::Tcb> caller = detail::CoreAccess::caller(phase);
        kernel::handle_system_call(entry, std::move(phase), caller, context.get(Register::rdi),
                                   context.get(Register::rsi), static_cast<std::int64_t>(context.get(Register::rdx)));
    });
}

void execute_trap(std::uint32_t vector) {
    // The processor stores the address behind INT; the frame sets it back.
    UserContext& context = enter(0, int_size);
    const std::uint64_t number = (std::uint64_t{vector} << 24) | (context.get(Register::rax) & 0xff'ffff);
    enter_kernel([&](Entry& entry) { kernel::handle_trap(entry, static_cast<std::int32_t>(number)); });
}

void raise_exception(std::uint32_t vector, std::uint64_t error_code) {
    enter(error_code, 0);
    enter_kernel([&](Entry& entry) { kernel::handle_exception(entry, vector, error_code); });
}

void raise_debug_exception(const DebugEvent& event) {
    enter(0, 0);
    enter_kernel([&](Entry& entry) { kernel::handle_debug_exception(entry, event); });
}

void raise_page_fault(std::uint64_t address, std::uint64_t error_code) {
    enter(error_code, 0);
    enter_kernel([&](Entry& entry) { kernel::handle_page_fault(entry, address, error_code); });
}

void interrupt(std::uint32_t vector) {
    if (running() != nullptr) {
        enter(0, 0);
    }
    enter_kernel([&](Entry& entry) { kernel::handle_interrupt(entry, vector); });
}

}  // namespace host
}  // namespace frame
