// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/core.hpp>

#include "kernel/vspace/vspace.hpp"

namespace kernel {

bool is_vspace_root(const frame::Capability& cap) {
    const std::optional<frame::Pml4Cap> root = cap.as<frame::Pml4Cap>();
    return root && root->asid() != frame::no_asid;
}

void load_vspace(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    const frame::Capability cap = tcb->slot(phase, frame::TcbSlot::vspace).capability();
    if (const std::optional<frame::Pml4Cap> root = cap.as<frame::Pml4Cap>()) {
        // The capability may have outlived its ASID, and the ASID may name another root by now.
        const std::optional<frame::VSpace> vspace = frame::VSpace::of(phase, root->asid());
        if (vspace && vspace->root() == root->table(phase)) {
            frame::this_core(phase).load_root(*vspace);
            return;
        }
    }
    activate_kernel_vspace(phase);
}

void activate_kernel_vspace(const frame::Phase& phase) { frame::this_core(phase).load_kernel_root(); }

}  // namespace kernel
