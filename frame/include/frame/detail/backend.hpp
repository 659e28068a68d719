// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include <frame/links.hpp>
#include <frame/thread_block.hpp>

/// What the frame's common code asks of the machine. Two implementations: frame/x86_64 (the machine itself) and
/// frame/host (a model in a Linux process). Memory-management functions are in backend_mmu.hpp.
namespace frame::backend {

/// On leaving the kernel this core continues the thread with these registers; entries store to them. They must stay until
/// another call of these two.
void set_current(UserContext& context);
/// On leaving the kernel this core waits for an interrupt. The state after boot.
void set_idle();

/// Sets the user's FS or GS segment base; the value is canonical.
void write_fs_base(std::uint64_t base);
void write_gs_base(std::uint64_t base);
/// The bases that user mode may have changed by itself (WRFSBASE), where the configuration lets it.
[[nodiscard]] std::uint64_t read_fs_base();
[[nodiscard]] std::uint64_t read_gs_base();

/// Saves and loads the processor's FPU state; the area is 64-byte aligned and belongs to one thread.
void save_fpu(FpuArea& area);
void load_fpu(const FpuArea& area);
/// Lets FPU instructions run, or makes them fault with #NM.
void enable_fpu();
void disable_fpu();
/// Makes an area, which is all zero, the state that a new thread starts with.
void initialise_fpu(FpuArea& area);

/// Tells the processor which breakpoints are in force; it had others or none.
void write_breakpoints(const BreakpointRegisters& breakpoints);

/// Writes one byte to the kernel's console; nothing if there is none.
void console_put(char character);
/// Stops this machine, or ends the host process's run.
[[noreturn]] void halt();
/// Prints why the machine or what the loader passed cannot be used, and stops.
[[noreturn]] void stop_boot(std::string_view message);

/// The time-stamp counter (Intel SDM vol. 3B, 18.17); the host's stands still.
[[nodiscard]] std::uint64_t time_stamp();

/// An interrupt waits to be taken on this core; asked at preemption points.
[[nodiscard]] bool is_interrupt_pending();

}  // namespace frame::backend
