// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/core.hpp>

#include "kernel/vspace/vspace.hpp"

namespace kernel {

bool is_vspace_root(const frame::Capability& cap) {
    const std::optional<frame::Pml4Cap> root = cap.as<frame::Pml4Cap>();
    return root && root->asid() != frame::no_asid;
}

void activate_kernel_vspace(const frame::Phase& phase) { frame::this_core(phase).load_kernel_root(); }

}  // namespace kernel
