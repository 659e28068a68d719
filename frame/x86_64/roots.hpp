// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/address.hpp>
#include <frame/asid.hpp>
#include <frame/cap/vspace.hpp>

/// How a core switches between address spaces and forgets translations, in each of the ways that processors differ:
///
///  * page-table isolation (kernel_window.hpp): the entry stub loads `kernel_root`, the way out `user_root`. Without it
///    every address space shows the kernel, CR3 changes only with the address space, and the kernel's pages are global.
///  * process-context identifiers (Intel SDM vol. 3A, 4.10.1): an ASID is the PCID of its address space, and the kernel's
///    own root has PCID 0, which is nobody's ASID. Translations stay when CR3 is loaded, and are forgotten one by one
///    with INVPCID. Without them each load of CR3 forgets all but the global ones, so nothing but the loaded address
///    space can be remembered, and what is forgotten for another one may as well be forgotten for that; with isolation
///    not even that is remembered, since each way out loads CR3.
///
/// `Cpu` has the instructions: read_cr3, write_cr3, invlpg, invpcid_address, invpcid_context. QEMU's emulation lacks PCIDs, so
/// that way is executed by tests/unit/roots_test.cpp only, on a model of a processor that forgets nothing by itself.
namespace frame::x86_64 {

/// The ways that processors differ in, as one byte: a switch looks at nothing else.
enum class RootKind : std::uint8_t { direct = 0, direct_tagged = 1, isolated = 2, isolated_tagged = 3 };

/// Part of CoreLocal: the words that entry.S loads into CR3, and what they mean.
struct Roots {
    /// With page-table isolation: CR3 inside the kernel. 0: no isolation.
    std::uint64_t kernel_root;
    /// With page-table isolation: CR3 for user mode.
    std::uint64_t user_root;
    /// Tagged: CR4.PCIDE is set.
    RootKind kind;

    /// Whether user mode runs on tables of its own, which show no more of the kernel than the gate.
    [[nodiscard]] bool is_isolated() const { return has(RootKind::isolated); }
    [[nodiscard]] bool is_tagged() const { return has(RootKind::direct_tagged); }
    /// Whether CR4.PGE may be set: every address space shows the kernel's pages, which are marked global, and none shows
    /// anything else at their addresses.
    [[nodiscard]] bool allows_global_pages() const { return !is_isolated(); }
    /// From now on CR3 inside the kernel is `kernel`, for user mode `user`.
    void isolate(std::uint64_t kernel, std::uint64_t user) {
        kernel_root = kernel;
        user_root = user;
        kind = with(RootKind::isolated);
    }
    /// CR4.PCIDE was set.
    void tag() { kind = with(RootKind::direct_tagged); }

private:
    [[nodiscard]] bool has(RootKind bit) const { return with(bit) == kind; }
    [[nodiscard]] RootKind with(RootKind bit) const {
        return static_cast<RootKind>(static_cast<std::uint8_t>(kind) | static_cast<std::uint8_t>(bit));
    }
};

/// Bit 63 of CR3's source: what is remembered for the PCID stays (Intel SDM vol. 3A, 4.10.4.1). Reserved without PCIDs.
inline constexpr std::uint64_t keep_translations = std::uint64_t{1} << 63;

/// The PCID of an address space.
[[nodiscard]] constexpr std::uint64_t pcid(Asid asid) { return static_cast<std::uint64_t>(asid); }
static_assert(asid_pool_count * asids_per_pool <= 1U << 12, "more ASIDs than PCIDs");

/// What is loaded into CR3 for the PML4 at `pml4`, whose ASID is `asid`.
[[nodiscard]] inline std::uint64_t user_root_word(const Roots& roots, PhysicalAddress pml4, Asid asid) {
    return roots.is_tagged() ? pml4.value() | pcid(asid) | keep_translations : pml4.value();
}

/// From the return to user mode on, this core translates through the PML4 that `word` is for (user_root_word).
template <typename Cpu>
[[gnu::always_inline]] void load_user_root(Roots& roots, std::uint64_t word) {
    if (roots.kind == RootKind::isolated) [[likely]] {
        roots.user_root = word;
    } else if (roots.kernel_root != 0) [[unlikely]] {  // isolated, with PCIDs
        roots.kernel_root |= keep_translations;
        roots.user_root = word;
    } else {
        Cpu::write_cr3(word);
    }
}

/// From the return to user mode on, this core translates no user address. `kernel` is the kernel's own root, `empty` the
/// one for user mode, which shows the gate alone if there is isolation and is the kernel's if not.
template <typename Cpu>
void load_empty_root(Roots& roots, PhysicalAddress kernel, PhysicalAddress empty) {
    if (roots.is_isolated()) {
        // Both have PCID 0, and see different things at the same addresses: neither may find what the other left.
        roots.user_root = empty.value();
        roots.kernel_root = kernel.value();
        return;
    }
    Cpu::write_cr3(kernel.value() | (roots.is_tagged() ? keep_translations : 0));
}

/// Forgets the translation of `address` for `asid`, and the paging structures on the way to it.
template <typename Cpu>
void forget_page(const Roots& roots, UserAddress address, Asid asid) {
    if (roots.is_tagged()) [[unlikely]] {
        Cpu::invpcid_address(pcid(asid), address.value());
    } else if (!roots.is_isolated()) {
        Cpu::invlpg(address.value());
    }
}

/// Forgets all that is remembered for `asid`.
template <typename Cpu>
void forget_asid(const Roots& roots, Asid asid) {
    if (roots.is_tagged()) [[unlikely]] {
        Cpu::invpcid_context(pcid(asid));
    } else if (!roots.is_isolated()) {
        Cpu::write_cr3(Cpu::read_cr3());
    }
}

}  // namespace frame::x86_64
