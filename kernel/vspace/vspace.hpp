// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include <frame/core.hpp>
#include <frame/phase.hpp>
#include <frame/slot.hpp>
#include "kernel/api/error.hpp"
#include "kernel/api/invocation.hpp"
#include "kernel/object/tcb.hpp"

/// What the rest of the kernel asks of address-space management (seL4 manual, 7).
namespace kernel {

/// What a copy of a paging capability (frame, table, root, ASID pool or control) is: a frame's copy is not mapped, a table
/// that is not mapped cannot be copied.
[[nodiscard]] Result<frame::Capability> derive_paging_capability(frame::Capability source [[clang::lifetimebound]]);

/// Undoes what a paging capability stands for, before it vanishes: a mapped frame is unmapped with every capability to
/// it, tables, roots and ASID pools with the last one.
void finalise_paging_capability(const frame::Phase& phase, frame::SlotRef slot, bool is_final);

/// Decodes and performs an invocation of a frame, paging structure, ASID pool or ASID control capability.
[[nodiscard]] Outcome invoke_paging_capability(frame::Phase&& phase, const Invocation& invocation);

/// Whether a capability can be a thread's VSpace root: a PML4 that has an ASID.
[[nodiscard]] bool is_vspace_root(const frame::Capability& cap);

/// Whether a capability and address can be a thread's IPC buffer: RAM, and the address aligned.
[[nodiscard]] Result<Done> check_ipc_buffer(const frame::Capability& cap, frame::UserAddress address);

/// Loads a thread's address space into this core; the kernel's own if it has none that is valid.
[[gnu::always_inline]] inline void activate_vspace(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    const frame::Capability root = tcb->slot(phase, frame::TcbSlot::vspace).capability();
    frame::Core& core = frame::this_core(phase);
    if (!core.has_loaded(root) && !core.load_root(phase, root)) {
        core.load_kernel_root();
    }
}
/// Loads the kernel's own address space into this core.
void activate_kernel_vspace(const frame::Phase& phase);

}  // namespace kernel
