// SPDX-License-Identifier: GPL-2.0-only
//
// The C++ side of entry.S: each function is one entry into the kernel.

#include <utility>

#include <abi/abi.hpp>
#include <frame/core.hpp>
#include <frame/detail/backend.hpp>
#include <frame/detail/core_access.hpp>
#include <frame/entry_points.hpp>
#include <frame/interrupt_controller.hpp>
#include <frame/phase.hpp>
#include <frame/user_context.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/debug_registers.hpp"
#include "frame/x86_64/descriptor_tables.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/per_core.hpp"

// SAFETY: defined in entry.S with this signature; call it with interrupts off, on the kernel stack.
extern "C" std::uint32_t frame_poll_interrupt();

namespace frame::x86_64 {
namespace {

constexpr bool is_timed = abi::config::benchmark_track_utilisation;

Entry make_entry() { return detail::PhaseFactory::make<Entry>(); }

void begin(Entry& entry) {
    if constexpr (is_timed) {
        kernel::begin_entry(entry);
    }
}

UserContext& interrupted_context() {
    // SAFETY: entries may change the registers of the thread that they interrupted; it is the current one.
    return const_cast<UserContext&>(current_context());
}

/// INT n on a vector without meaning. seL4 turns it into an unknown system call whose number tells the vector.
void handle_trap(Entry& entry, std::uint32_t vector) {
    constexpr std::uint64_t int_instruction_size = 2;
    UserContext& context = interrupted_context();
    context.set(Register::fault_ip, context.get(Register::fault_ip) - int_instruction_size);
    const std::uint64_t number = (std::uint64_t{vector} << 24) | (context.get(Register::rax) & 0xff'ffff);
    kernel::handle_trap(entry, static_cast<std::int32_t>(number));
}

/// The processor's error code of a page fault, as seL4's users see it.
std::uint64_t page_fault_error(std::uint64_t address) {
    constexpr std::uint64_t present = 1;
    constexpr std::uint64_t instruction_fetch = 16;
    std::uint64_t error = current_context().get(Register::error);
    // The processor marks fetches if EFER.NXE or CR4.SMEP is set (Intel SDM vol. 3A, 4.7). This kernel always sets NXE,
    // seL4 only SMEP, where the processor has it.
    if (!features().smep) {
        error &= ~instruction_fetch;
    }
    // What is mapped in the kernel's half is none of the user's business; with page-table isolation nothing is.
    constexpr std::uint64_t user_half_end = 0x8000'0000'0000;
    if (abi::config::kernel_skim_window && address >= user_half_end) {
        error &= ~present;
    }
    return error;
}

/// The kernel is done: what the thread that runs next has of the processor, apart from what the exit stub loads.
void prepare_exit(Entry& entry) {
    if constexpr (abi::config::hardware_debug_api) {
        detail::CoreAccess::this_core().load_debug_state();
    }
    if constexpr (is_timed) {
        kernel::end_entry(entry);
    }
}

void handle_exception(Entry& entry, std::uint32_t vector) {
    if (abi::config::hardware_debug_api && (vector == vector::debug || vector == vector::breakpoint)) {
        kernel::handle_debug_exception(entry, take_debug_event(vector));
    } else {
        kernel::handle_exception(entry, vector, current_context().get(Register::error));
    }
}

}  // namespace

// SAFETY (C linkage below): called from entry.S with these arguments, on an empty kernel stack, with the registers of
// the current thread stored. The stubs keep nothing in registers, so nothing is saved for them (preserve_none); that
// convention passes the first four words in R12 to R15, which hold nothing here, and then RDI, RSI and RDX as usual.

/// The tokens of a system call: they hold nothing, and here they cost nothing, where automatic variables are cleared.
static constinit Entry syscall_entry = detail::PhaseFactory::make<Entry>();
static constinit Phase syscall_phase = detail::PhaseFactory::make<Phase>();

extern "C" [[gnu::used, clang::preserve_none]] void frame_handle_syscall(std::uint64_t, std::uint64_t, std::uint64_t,
                                                                         std::uint64_t, std::uint64_t capability,
                                                                         std::uint64_t message_info,
                                                                         std::int64_t number) {
    begin(syscall_entry);
    kernel::handle_system_call(syscall_entry, std::move(syscall_phase), detail::CoreAccess::caller(syscall_phase),
                               capability, message_info, number);
    prepare_exit(syscall_entry);
}

extern "C" [[gnu::used, clang::preserve_none]] void frame_handle_vector(std::uint64_t, std::uint64_t, std::uint64_t,
                                                                        std::uint64_t, std::uint32_t vector) {
    Entry entry = make_entry();
    begin(entry);
    if (vector == vector::page_fault) {
        const std::uint64_t address = read_cr2();
        kernel::handle_page_fault(entry, address, page_fault_error(address));
    } else if (vector < interrupt_vector::first) {
        handle_exception(entry, vector);
    } else if (vector < interrupt_vector::first_trap) {
        kernel::handle_interrupt(entry, vector);
    } else if (vector <= interrupt_vector::last_trap) {
        handle_trap(entry, vector);
    }
    // What remains is the spurious vector, which wants nothing, not even an acknowledgement (Intel SDM vol. 3A, 10.9).
    prepare_exit(entry);
}

}  // namespace frame::x86_64

namespace frame {

std::optional<std::uint32_t> take_interrupt() {
    const std::uint32_t vector = frame_poll_interrupt();
    if (vector == 0 || vector >= interrupt_vector::first_trap) {
        return std::nullopt;
    }
    return vector;
}

}  // namespace frame
