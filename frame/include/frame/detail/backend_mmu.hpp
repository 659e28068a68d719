// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>

#include <frame/address.hpp>
#include <frame/cap/vspace.hpp>

/// What the frame's common code asks of the memory-management unit of the core it runs on. Two implementations:
/// frame/x86_64 (the machine itself) and frame/host (a model that remembers as much as a processor may).
namespace frame::backend {

/// A PML4 and the ASID that its translations are tagged with, as a core loads them (Intel SDM vol. 3A, 4.10.1).
enum class RootWord : std::uint64_t {};
[[nodiscard]] RootWord root_word(PhysicalAddress pml4, Asid asid);
/// From the return to user mode on, this core translates through that PML4. What was remembered for other ASIDs may stay
/// remembered: debts are paid whether or not an address space is loaded. A backend without tags forgets everything here,
/// and so owes less below.
void load_root(RootWord word);
/// From now on this core translates no user address at all: the kernel's own root.
void load_kernel_root();

/// Forgets the translation of `address` for `asid`, whatever its page size, and every cached paging structure that would
/// be used to translate it (INVLPG, or INVPCID type 0: Intel SDM vol. 3A, 4.10.4.1).
void invalidate_page(UserAddress address, Asid asid);
/// Forgets everything remembered for `asid` but global translations (INVPCID type 1, or a load of CR3).
void invalidate_asid(Asid asid);

/// Entries 256 to 511 of every PML4: the kernel's half, as user address spaces have it. With page-table isolation that is
/// less than the kernel itself sees. It is used from its end down, without gaps, and never changes after boot.
[[nodiscard]] std::span<const std::uint64_t, 256> kernel_half();

/// Whether the processor has 1 GiB pages (CPUID.80000001H:EDX bit 26).
[[nodiscard]] bool has_huge_pages();

}  // namespace frame::backend
