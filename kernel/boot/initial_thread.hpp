// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <expected>

#include <frame/boot_description.hpp>
#include <frame/boot_memory.hpp>
#include <frame/machine_description.hpp>
#include <frame/phase.hpp>
#include "kernel/boot/boot_error.hpp"
#include "kernel/boot/untyped_list.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel::boot {

/// The thread that everything else descends from, ready to run, and what it was given.
struct [[gsl::Pointer]] InitialThread {
    frame::Ref<Tcb> tcb;
    UntypedSummary untyped{};
};

/// Loads the first boot module and builds the initial thread around it: its capabilities, address space and boot
/// information, as seL4 does (seL4 manual, 9). All memory that is left becomes untyped capabilities.
[[nodiscard]] std::expected<InitialThread, BootError> build_initial_thread(const frame::Phase& phase
                                                                           [[clang::lifetimebound]],
                                                                           frame::BootMemory&& memory,
                                                                           const frame::BootDescription& description,
                                                                           const frame::MachineDescription& machine);

}  // namespace kernel::boot
