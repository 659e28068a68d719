// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/cap/vspace.hpp>
#include <frame/paging_structures.hpp>
#include <frame/slot.hpp>
#include <frame/tlb.hpp>

/// Address-space identifiers (seL4 manual, 7.1.2). The kernel's table leads to pools, a pool to the roots of address
/// spaces. A mapping names an ASID, never a root, so that whatever a dead address space left behind leads nowhere: every
/// walk starts here.
namespace frame {

namespace detail {
struct AsidAccess;
}

inline constexpr std::uint64_t asids_per_pool = power_of_two(abi::size_bits::asid_pool_index);
inline constexpr std::uint64_t asid_pool_count = power_of_two(abi::size_bits::num_asid_pools);

/// 512 ASIDs: for each the root that it names. Its memory was donated as an untyped of the same size.
class alignas(power_of_two(abi::size_bits::asid_pool)) AsidPool final {
public:
    static constexpr std::uint64_t size_bits = abi::size_bits::asid_pool;

    constexpr explicit AsidPool(const Birth&) {}
    AsidPool(const AsidPool&) = delete;
    AsidPool& operator=(const AsidPool&) = delete;

private:
    friend struct detail::AsidAccess;
    std::array<std::uint64_t, asids_per_pool> roots_{};  ///< window offsets of PML4s, 0 for a free ASID
};
static_assert(KernelObject<AsidPool>);

/// The table that leads to the pools.
class AsidTable final {
public:
    constexpr explicit AsidTable(const Birth&) {}
    AsidTable(const AsidTable&) = delete;
    AsidTable& operator=(const AsidTable&) = delete;

private:
    friend struct detail::AsidAccess;
    std::array<std::uint64_t, asid_pool_count> pools_{};  ///< window offsets of pools, 0 for none
};

/// An address space that is alive: an ASID and the root that it names. Valid, like any reference, within one phase.
class [[gsl::Pointer]] VSpace {
public:
    /// The address space that `asid` names, if it names one.
    [[nodiscard]] static std::optional<VSpace> of(const Phase& phase [[clang::lifetimebound]], Asid asid);

    [[nodiscard]] Asid asid() const { return asid_; }
    [[nodiscard]] Ref<Pml4> root() const { return root_; }

private:
    friend struct detail::AsidAccess;
    VSpace(Asid asid, Ref<Pml4> root) : root_{root}, asid_{asid} {}
    Ref<Pml4> root_;
    Asid asid_;
};

/// The first ASID of the first place in the table that no pool occupies.
[[nodiscard]] std::optional<Asid> first_free_pool(const Phase& phase);
/// The pool that the table has for the ASIDs from `base` on.
[[nodiscard]] std::optional<Ref<AsidPool>> pool_at(const Phase& phase [[clang::lifetimebound]], Asid base);
/// The first ASID in the pool that names no root. ASID 0 names none ever.
[[nodiscard]] std::optional<Asid> first_free_asid(const Phase& phase, const AsidPoolCap& pool);

/// Makes a pool for the ASIDs from `base` on, where the table has none, out of the whole of an untyped of its size without
/// children, and puts the capability to it into `destination`, which is empty. Ends the phase: memory changed its type.
void make_asid_pool(Phase&& phase, SlotRef untyped, SlotRef destination, Asid base);
/// Lets `asid`, which is free in the table's own `pool`, name the root in `root`, which has no ASID yet.
void assign_asid(const Phase& phase, SlotRef root, const AsidPoolCap& pool, Asid asid);

/// Ends the life of an address space, before the last capability to its root goes: its ASID names nothing any more, and no
/// core has it loaded. The slot keeps naming the ASID; the root can never come alive again.
[[nodiscard]] TlbDebt release_asid(const Phase& phase, SlotRef root);
/// Ends the life of all address spaces of a pool, before the last capability to it goes, and takes it out of the table.
void release_asid_pool(const Phase& phase, SlotRef pool);

namespace detail {

/// Whether an ASID or a core names the root: then it must not die.
[[nodiscard]] bool pml4_is_attached(const Pml4Cap& cap);
/// Whether the table names the pool: then it must not die.
[[nodiscard]] bool asid_pool_is_attached(const AsidPoolCap& cap);
/// Gives a PML4 that was just carved at window offset `offset` the kernel's half.
void initialise_pml4(std::uint64_t offset);
/// Makes the capability to a pool out of clear memory at window offset `offset`, and enters the pool into the table.
[[nodiscard]] AsidPoolCap make_pool_object(std::uint64_t offset, Asid base);

}  // namespace detail

}  // namespace frame
