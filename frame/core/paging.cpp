// SPDX-License-Identifier: GPL-2.0-only
#include <frame/paging.hpp>

#include <algorithm>

#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/table_walk.hpp>
#include <frame/detail/window_memory.hpp>

namespace frame {

namespace detail {

/// The frame's own door to places, and to the mapping noted in a slot.
struct PagingAccess {
    /// Counts the tables that were emptied to be mapped again: a place found before may be in one of them, and filling it
    /// would put an entry into a table whose capability promises that it is empty.
    static inline constinit std::uint64_t detachments = 0;

    static PagePlace page_place(PhysicalAddress entry, Mapping mapping, PageSize size) {
        return PagePlace{entry, mapping, size, detachments};
    }
    template <class Cap>
    static TablePlace<Cap> table_place(PhysicalAddress entry, Mapping mapping) {
        return TablePlace<Cap>{entry, mapping, detachments};
    }
    template <class Place>
    static PhysicalAddress entry(const Place& place) {
        place.epoch_.verify_current();
        check(place.detachments_ == detachments, "a place in a paging structure was used after a table was detached");
        return place.entry_;
    }
    static void note_mapping(SlotRef slot, std::uint64_t word) { SlotAccess::set_second(slot, word); }
};

namespace {

/// The mapping word of a table whose memory still holds entries although it is mapped no more: no mapping can follow.
constexpr std::uint64_t retired_word = MappedAddress::make(1);

template <MappableTable Cap>
inline constexpr Level level_of = Level::pml4;
template <>
inline constexpr Level level_of<PageTableCap> = Level::page_table;
template <>
inline constexpr Level level_of<PageDirectoryCap> = Level::page_directory;
template <>
inline constexpr Level level_of<PdptCap> = Level::pdpt;
static_assert(table_span_bits<PageTableCap> == Entry<above<level_of<PageTableCap>>>::shift);
static_assert(table_span_bits<PageDirectoryCap> == Entry<above<level_of<PageDirectoryCap>>>::shift);
static_assert(table_span_bits<PdptCap> == Entry<above<level_of<PdptCap>>>::shift);

NoPlace missing_below(Level level) {
    switch (level) {
    case Level::pml4:
        return NoPlace::no_pdpt;
    case Level::pdpt:
        return NoPlace::no_page_directory;
    case Level::page_directory:
    case Level::page_table:
        return NoPlace::no_page_table;
    }
    return NoPlace::no_page_table;
}

PhysicalAddress address_of(Ref<Pml4> root) { return PhysicalAddress{RefFactory::offset(root)}; }

void check_user_address(UserAddress address, std::uint64_t alignment_bits) {
    check(address.value() < user_half_end && address.is_aligned(alignment_bits),
          "a mapping outside the user's half or across its size");
}

template <Level level>
std::expected<PagePlace, NoPlace> find_page_place_at(const VSpace& vspace, UserAddress address, PageSize size) {
    WindowMemory memory;
    const std::expected<EntryPlace<level>, Level> place = find_entry<level>(memory, address_of(vspace.root()), address);
    if (!place) {
        return std::unexpected{missing_below(place.error())};
    }
    if (load(memory, *place).is_table()) {
        return std::unexpected{NoPlace::occupied};
    }
    return PagingAccess::page_place(place->at, Mapping{vspace.asid(), address}, size);
}

template <Level level>
bool set_page_at(PhysicalAddress entry, const FrameCap& frame, VmRights rights, MemoryType type) {
    WindowMemory memory;
    return set_page(memory, EntryPlace<level>{entry}, Entry<level>::to_page(frame.start(), rights, type));
}

bool set_page_of(PageSize size, PhysicalAddress entry, const FrameCap& frame, VmRights rights, MemoryType type) {
    switch (size) {
    case PageSize::small:
        return set_page_at<Level::page_table>(entry, frame, rights, type);
    case PageSize::large:
        return set_page_at<Level::page_directory>(entry, frame, rights, type);
    case PageSize::huge:
        return set_page_at<Level::pdpt>(entry, frame, rights, type);
    }
    return false;
}

bool remove_page_of(PageSize size, Ref<Pml4> root, UserAddress address, PhysicalAddress page) {
    WindowMemory memory;
    switch (size) {
    case PageSize::small:
        return remove_page<Level::page_table>(memory, address_of(root), address, page);
    case PageSize::large:
        return remove_page<Level::page_directory>(memory, address_of(root), address, page);
    case PageSize::huge:
        return remove_page<Level::pdpt>(memory, address_of(root), address, page);
    }
    return false;
}

/// What processors may remember of a table that was just taken out of its address space: the way to it, and the pages
/// that it maps.
template <MappableTable Cap>
TlbDebt debt_of_table(PhysicalAddress table, Mapping mapping) {
    constexpr Level level = level_of<Cap>;
    WindowMemory memory;
    const Contents contents = contents_of<level>(memory, table);
    switch (contents.kind) {
    case Contents::Kind::nothing:
        return TlbAccess::page(mapping.asid, mapping.address);
    case Contents::Kind::one_page:
        return TlbAccess::page(mapping.asid, mapping.address.plus(contents.index << Entry<level>::shift));
    case Contents::Kind::more:
        return TlbAccess::address_space(mapping.asid);
    }
    return TlbAccess::address_space(mapping.asid);
}

/// Takes the table out of the address space that its capability names, if it is there.
template <MappableTable Cap>
TlbDebt detach(const Phase& phase, const Cap& cap) {
    const Mapping mapping = cap.mapping();
    const std::optional<VSpace> vspace = VSpace::of(phase, mapping.asid);
    WindowMemory memory;
    if (!vspace || !remove_table<level_of<Cap>>(memory, address_of(vspace->root()), mapping.address, cap.start())) {
        return TlbDebt{};
    }
    return debt_of_table<Cap>(cap.start(), mapping);
}

template <MappableTable Cap>
Cap last_capability(SlotRef table) {
    // Another capability would go on naming the mapping that ends here.
    check(table.is_final(), "a table was unmapped while several capabilities to it exist");
    return table.capability().as<Cap>().value();
}

}  // namespace
}  // namespace detail

using detail::PagingAccess;

std::expected<PagePlace, NoPlace> find_page_place(const VSpace& vspace, UserAddress address, PageSize size) {
    detail::check_user_address(address, page_bits(size));
    switch (size) {
    case PageSize::small:
        return detail::find_page_place_at<detail::Level::page_table>(vspace, address, size);
    case PageSize::large:
        return detail::find_page_place_at<detail::Level::page_directory>(vspace, address, size);
    case PageSize::huge:
        return detail::find_page_place_at<detail::Level::pdpt>(vspace, address, size);
    }
    return std::unexpected{NoPlace::occupied};
}

TlbDebt map_frame(SlotRef frame, const PagePlace& place, VmRights rights, MemoryType type) {
    const FrameCap cap = frame.capability().as<FrameCap>().value();
    check(cap.size() == place.size(), "a frame mapped as a page of another size");
    check(!cap.is_mapped() || cap.mapping() == place.mapping(), "a frame mapped twice through one capability");
    const PhysicalAddress entry = PagingAccess::entry(place);
    PagingAccess::note_mapping(frame, detail::mapping_word(place.mapping()));
    if (detail::set_page_of(place.size(), entry, cap, std::min(cap.rights(), rights), type)) {
        return detail::TlbAccess::page(place.mapping().asid, place.mapping().address);
    }
    return TlbDebt{};
}

TlbDebt unmap_frame(const Phase& phase, SlotRef frame) {
    const FrameCap cap = frame.capability().as<FrameCap>().value();
    if (!cap.is_mapped()) {
        return TlbDebt{};
    }
    const Mapping mapping = cap.mapping();
    PagingAccess::note_mapping(frame, 0);
    const std::optional<VSpace> vspace = VSpace::of(phase, mapping.asid);
    if (!vspace || !detail::remove_page_of(cap.size(), vspace->root(), mapping.address, cap.start())) {
        return TlbDebt{};
    }
    return detail::TlbAccess::page(mapping.asid, mapping.address);
}

template <MappableTable Cap>
std::expected<TablePlace<Cap>, NoPlace> find_table_place(const VSpace& vspace, UserAddress address) {
    detail::check_user_address(address, table_span_bits<Cap>);
    constexpr detail::Level parent = detail::above<detail::level_of<Cap>>;
    detail::WindowMemory memory;
    const std::expected<detail::EntryPlace<parent>, detail::Level> place =
        detail::find_entry<parent>(memory, detail::address_of(vspace.root()), address);
    if (!place) {
        return std::unexpected{detail::missing_below(place.error())};
    }
    if (detail::load(memory, *place).is_present()) {
        return std::unexpected{NoPlace::occupied};
    }
    return PagingAccess::table_place<Cap>(place->at, Mapping{vspace.asid(), address});
}

template <MappableTable Cap>
void map_table(SlotRef table, const TablePlace<Cap>& place, MemoryType type) {
    constexpr detail::Level parent = detail::above<detail::level_of<Cap>>;
    const Cap cap = table.capability().as<Cap>().value();
    check(detail::CapabilityFactory::second(cap) == 0, "a table mapped that is mapped already or not empty");
    const detail::EntryPlace<parent> entry{PagingAccess::entry(place)};
    detail::WindowMemory memory;
    check(!detail::load(memory, entry).is_present(), "a table mapped where something is");
    PagingAccess::note_mapping(table, detail::mapping_word(place.mapping()));
    detail::store(memory, entry, detail::Entry<parent>::to_table(cap.start(), type));
}

template <MappableTable Cap>
TlbDebt unmap_table(const Phase& phase, SlotRef table) {
    const Cap cap = detail::last_capability<Cap>(table);
    if (!cap.is_mapped()) {
        return TlbDebt{};
    }
    TlbDebt debt = detail::detach(phase, cap);
    detail::WindowMemory::clear_table(cap.start());
    ++PagingAccess::detachments;
    PagingAccess::note_mapping(table, 0);
    return debt;
}

template <MappableTable Cap>
TlbDebt retire_table(const Phase& phase, SlotRef table) {
    const Cap cap = detail::last_capability<Cap>(table);
    if (!cap.is_mapped()) {
        return TlbDebt{};
    }
    TlbDebt debt = detail::detach(phase, cap);
    PagingAccess::note_mapping(table, detail::retired_word);
    return debt;
}

#define FRAME_INSTANTIATE_TABLE(Cap)                                                                    \
    template std::expected<TablePlace<Cap>, NoPlace> find_table_place<Cap>(const VSpace&, UserAddress); \
    template void map_table<Cap>(SlotRef, const TablePlace<Cap>&, MemoryType);                          \
    template TlbDebt unmap_table<Cap>(const Phase&, SlotRef);                                           \
    template TlbDebt retire_table<Cap>(const Phase&, SlotRef);
FRAME_INSTANTIATE_TABLE(PageTableCap)
FRAME_INSTANTIATE_TABLE(PageDirectoryCap)
FRAME_INSTANTIATE_TABLE(PdptCap)
#undef FRAME_INSTANTIATE_TABLE

bool has_huge_pages() { return backend::has_huge_pages(); }

}  // namespace frame
