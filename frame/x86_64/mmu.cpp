// SPDX-License-Identifier: GPL-2.0-only
//
// The memory-management unit. What must be done, and when, is in roots.hpp.

#include <frame/detail/backend_mmu.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/kernel_window.hpp"
#include "frame/x86_64/per_core.hpp"
#include "frame/x86_64/roots.hpp"

namespace frame::backend {

namespace {

/// The processor that this runs on.
struct Cpu {
    static std::uint64_t read_cr3() { return x86_64::read_cr3(); }
    // SAFETY: a live PML4 (the caller's Core remembers it, and death of a loaded root is refused), whose upper half is
    // the kernel's, or the kernel's own root, which lives for ever: so the running code stays mapped. PCIDs and bit 63
    // only where CR4.PCIDE is set.
    static void write_cr3(std::uint64_t word) { x86_64::write_cr3(word); }
    static void invlpg(std::uint64_t address) { x86_64::invlpg(address); }
    static void invpcid_address(std::uint64_t pcid, std::uint64_t address) {
        x86_64::invpcid(x86_64::InvpcidType::address, pcid, address);
    }
    static void invpcid_context(std::uint64_t pcid) { x86_64::invpcid(x86_64::InvpcidType::context, pcid, 0); }
};

}  // namespace

RootWord root_word(PhysicalAddress pml4, Asid asid) {
    return static_cast<RootWord>(x86_64::user_root_word(x86_64::this_core().roots, pml4, asid));
}

[[gnu::always_inline]] void load_root(RootWord word) {
    x86_64::load_user_root<Cpu>(x86_64::this_core().roots, static_cast<std::uint64_t>(word));
}

[[gnu::noinline]] void load_kernel_root() {
    x86_64::load_empty_root<Cpu>(x86_64::this_core().roots, x86_64::kernel_root(), x86_64::empty_root());
}

void invalidate_page(UserAddress address, Asid asid) {
    x86_64::forget_page<Cpu>(x86_64::this_core().roots, address, asid);
}

void invalidate_asid(Asid asid) { x86_64::forget_asid<Cpu>(x86_64::this_core().roots, asid); }

std::span<const std::uint64_t, 256> kernel_half() { return x86_64::kernel_half(); }

bool has_huge_pages() { return x86_64::features().huge_pages; }

}  // namespace frame::backend
