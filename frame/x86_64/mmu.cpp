// SPDX-License-Identifier: GPL-2.0-only
//
// The memory-management unit, without process-context identifiers: every load of CR3 forgets all translations but the
// kernel's global ones (Intel SDM vol. 3A, 4.10.4.1), so only the loaded address space can have any. With page-table
// isolation the way out loads CR3 each time, and nothing needs to be invalidated by itself.

#include <frame/detail/backend_mmu.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/kernel_window.hpp"
#include "frame/x86_64/per_core.hpp"

namespace frame::backend {

void load_root(PhysicalAddress pml4, Asid asid) {
    x86_64::CoreLocal& core = x86_64::this_core();
    core.loaded_asid = asid;
    if (x86_64::is_isolated()) {
        core.user_root = pml4.value();
        return;
    }
    // SAFETY: a live PML4 (the caller's Core remembers it, and death of a loaded root is refused), whose upper half is
    // the kernel's, so the running code stays mapped.
    x86_64::write_cr3(pml4.value());
}

void load_kernel_root() {
    x86_64::CoreLocal& core = x86_64::this_core();
    core.loaded_asid = no_asid;
    if (x86_64::is_isolated()) {
        core.user_root = x86_64::empty_root().value();
        return;
    }
    // SAFETY: the kernel's own root, which lives for ever.
    x86_64::write_cr3(x86_64::kernel_root().value());
}

void invalidate_page(UserAddress address, Asid asid) {
    if (asid == x86_64::this_core().loaded_asid && !x86_64::is_isolated()) {
        x86_64::invlpg(address.value());
    }
}

void invalidate_asid(Asid asid) {
    if (asid == x86_64::this_core().loaded_asid && !x86_64::is_isolated()) {
        // SAFETY: the root that is loaded already.
        x86_64::write_cr3(x86_64::read_cr3());
    }
}

std::span<const std::uint64_t, 256> kernel_half() { return x86_64::kernel_half(); }

bool has_huge_pages() { return x86_64::features().huge_pages; }

}  // namespace frame::backend
