// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/boot_description.hpp>
#include <frame/boot_memory.hpp>
#include <frame/debug_state.hpp>
#include <frame/machine_description.hpp>
#include <frame/phase.hpp>

/// What the frame calls in the kernel. Each function is one kernel entry, begins with interrupts off on an empty kernel
/// stack, and returns normally; then the core continues its current thread, or idles.
namespace kernel {

/// Once, after the frame has set up the machine: builds the initial thread and everything it needs, out of `memory`.
void start(frame::Entry& entry, frame::BootMemory&& memory, const frame::BootDescription& boot,
           const frame::MachineDescription& machine);

/// Around each of the following, in configurations with BENCHMARK_TRACK_UTILISATION.
void begin_entry(frame::Entry& entry);
void end_entry(frame::Entry& entry);

/// The current thread, `caller`, executed SYSCALL. The arguments are its registers: RDI, RSI and RDX in seL4's convention.
void handle_system_call(frame::Entry& entry, frame::Phase&& phase, frame::Ref<Tcb> caller, std::uint64_t capability,
                        std::uint64_t message_info, std::int64_t number);

/// The current thread raised an exception (vectors 0 to 31). Its error code is in Register::error.
void handle_exception(frame::Entry& entry, std::uint32_t vector, std::uint64_t error_code);

/// The current thread was stopped by a breakpoint, a single step or INT3, in configurations with HARDWARE_DEBUG_API;
/// elsewhere these are exceptions 1 and 3. An event that tells nothing (INT1) is possible.
void handle_debug_exception(frame::Entry& entry, const frame::DebugEvent& event);

/// The current thread caused a page fault on `address` (CR2), with the processor's error code.
void handle_page_fault(frame::Entry& entry, std::uint64_t address, std::uint64_t error_code);

/// The current thread executed INT n for a vector that only programs use: an unknown system call. Register::fault_ip
/// points to the instruction. `number` is what seL4 reports: the vector in the top byte, RAX's low 24 bits below.
void handle_trap(frame::Entry& entry, std::int32_t number);

/// A device or the timer interrupted the current thread, or the idle core (interrupt_vector).
void handle_interrupt(frame::Entry& entry, std::uint32_t vector);

}  // namespace kernel
