// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include <frame/asid.hpp>
#include <frame/cap/vspace.hpp>
#include <frame/memory_type.hpp>
#include <frame/slot.hpp>
#include <frame/tlb.hpp>

/// Changing address spaces (seL4 manual, 7.1). Looking for a place changes nothing and may fail; filling a place found in
/// the same phase cannot. An entry and the mapping noted in the slot of the capability behind it change together, so that
///
/// * every entry that maps memory is named by a mapped capability to that memory, in a live slot;
/// * every entry that leads to a table is named by all capabilities to it, and leads exactly one level down;
/// * a capability to a table that says unmapped goes with an empty table;
/// * what a capability says about an address space that is gone, or a place that was taken since, is harmless: acts on
///   mappings start at a live ASID and touch an entry only if it names the same table or page.
namespace frame {

namespace detail {
struct PagingAccess;
}

/// Why nothing can be mapped at an address.
enum class NoPlace : std::uint8_t {
    occupied,           ///< a table is where a page should go, or anything where a table should go
    no_page_table,      ///< a page directory's entry leads to no page table
    no_page_directory,  ///< a PDPT's entry leads to no page directory
    no_pdpt,            ///< the root's entry leads to no PDPT
};

/// The entry where a page of one size would be mapped. Usable once, in the phase it was found in.
class [[gsl::Pointer]] PagePlace {
public:
    [[nodiscard]] Mapping mapping() const { return mapping_; }
    [[nodiscard]] PageSize size() const { return size_; }

private:
    friend struct detail::PagingAccess;
    PagePlace(PhysicalAddress entry, Mapping mapping, PageSize size, std::uint64_t detachments)
        : entry_{entry},
          mapping_{mapping},
          detachments_{detachments},
          size_{size},
          epoch_{Epoch::now()} {}

    PhysicalAddress entry_;
    Mapping mapping_;
    std::uint64_t detachments_;  ///< how many tables had been detached when the place was found
    PageSize size_;
    [[no_unique_address]] Epoch epoch_;
};

/// The entry where a table would be mapped, one level above it. `Cap` is the kind of capability to such tables. Usable
/// once, in the phase it was found in.
template <class Cap>
class [[gsl::Pointer]] TablePlace {
public:
    [[nodiscard]] Mapping mapping() const { return mapping_; }

private:
    friend struct detail::PagingAccess;
    TablePlace(PhysicalAddress entry, Mapping mapping, std::uint64_t detachments)
        : entry_{entry},
          mapping_{mapping},
          detachments_{detachments},
          epoch_{Epoch::now()} {}

    PhysicalAddress entry_;
    Mapping mapping_;
    std::uint64_t detachments_;
    [[no_unique_address]] Epoch epoch_;
};

/// Kinds of capability to tables that can be mapped: all but the root's.
template <class Cap>
concept MappableTable =
    std::same_as<Cap, PageTableCap> || std::same_as<Cap, PageDirectoryCap> || std::same_as<Cap, PdptCap>;

/// log2 of the bytes that one table of this kind translates; it is mapped at multiples of that.
template <MappableTable Cap>
inline constexpr std::uint64_t table_span_bits = 0;
template <>
inline constexpr std::uint64_t table_span_bits<PageTableCap> = page_bits(PageSize::large);
template <>
inline constexpr std::uint64_t table_span_bits<PageDirectoryCap> = page_bits(PageSize::huge);
template <>
inline constexpr std::uint64_t table_span_bits<PdptCap> = page_bits(PageSize::huge) + abi::size_bits::pdpt_index;

/// The place for a page at `address`, a multiple of the size in the user's half. Pages may replace pages, so only a table
/// there makes it `occupied`.
[[nodiscard]] std::expected<PagePlace, NoPlace> find_page_place(const VSpace& vspace, UserAddress address,
                                                                PageSize size);
/// The place for a table at `address`, a multiple of its span in the user's half.
template <MappableTable Cap>
[[nodiscard]] std::expected<TablePlace<Cap>, NoPlace> find_table_place(const VSpace& vspace, UserAddress address);

/// Maps the frame that the capability in `frame` grants, with no more rights than it has. The frame has the place's size
/// and is not mapped, or exactly there.
[[nodiscard]] TlbDebt map_frame(SlotRef frame, const PagePlace& place, VmRights rights, MemoryType type);
/// Undoes the mapping that the capability in `frame` names, if it still exists; the capability names none afterwards.
[[nodiscard]] TlbDebt unmap_frame(const Phase& phase, SlotRef frame);

/// Maps the table that the capability in `table` names, which is not mapped. Nothing to forget: what a processor does not
/// find, it does not remember.
template <MappableTable Cap>
void map_table(SlotRef table, const TablePlace<Cap>& place, MemoryType type);
/// Takes the table that the last capability to it names out of its address space, if it is there, and empties it, so that
/// it can be mapped again.
template <MappableTable Cap>
[[nodiscard]] TlbDebt unmap_table(const Phase& phase, SlotRef table);
/// Takes the table out of its address space, if it is there, because its last capability is about to go. It keeps what it
/// holds and cannot be mapped again.
template <MappableTable Cap>
[[nodiscard]] TlbDebt retire_table(const Phase& phase, SlotRef table);

/// Whether the processor can map frames of 1 GiB.
[[nodiscard]] bool has_huge_pages();

/// What an address space makes of an address: for messages to people and for checks.
struct Translation {
    PhysicalAddress physical{};  ///< of the byte at the address
    PageSize size = PageSize::small;
    bool is_user = false;
    bool is_writable = false;
    friend constexpr bool operator==(const Translation&, const Translation&) = default;
};
[[nodiscard]] std::optional<Translation> translate(const VSpace& vspace, UserAddress address);

}  // namespace frame
