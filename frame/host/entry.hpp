// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <frame/boot_description.hpp>
#include <frame/debug_state.hpp>
#include <frame/machine_description.hpp>
#include <frame/user_context.hpp>

/// The ways into the kernel, as frame/x86_64/entry.S and entry.cpp have them: each is one kernel entry, after which the
/// modelled core would go on with the current thread.
namespace frame::host {

/// The boot code's last act: hands all memory to the kernel, which builds the initial thread.
void start_kernel(const BootDescription& boot, const MachineDescription& machine);

/// The registers of the thread that the core runs; nothing while it idles.
[[nodiscard]] UserContext* running();

/// The running thread executes SYSCALL, with the arguments that are in its registers.
void execute_syscall();
/// It executes INT n on a vector without a meaning.
void execute_trap(std::uint32_t vector);
/// It raises an exception other than a page fault; what those of debugging tell comes from the debug registers.
void raise_exception(std::uint32_t vector, std::uint64_t error_code);
void raise_debug_exception(const DebugEvent& event);
/// It accesses an address that it may not access that way (Intel SDM vol. 3A, 4.7).
void raise_page_fault(std::uint64_t address, std::uint64_t error_code);
/// A device or the timer interrupts it, or the idle core.
void interrupt(std::uint32_t vector);

}  // namespace frame::host
