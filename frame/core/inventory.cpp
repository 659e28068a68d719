// SPDX-License-Identifier: GPL-2.0-only
#include <frame/inventory.hpp>

#include <frame/detail/table_walk.hpp>
#include <frame/detail/window_memory.hpp>

#include "frame/core/derivation_list.hpp"

namespace frame {

namespace {

using detail::Level;
using detail::SlotAccess;

template <Level level>
TableEntry entry_of(PhysicalAddress table, std::uint64_t index) {
    constexpr std::uint64_t entries = level == Level::pml4 ? detail::user_root_entries : detail::entries_per_table;
    if (index >= entries) {
        return TableEntry{};
    }
    detail::WindowMemory memory;
    memory.enter<level>(table);
    const detail::Entry<level> entry =
        detail::load(memory, detail::EntryPlace<level>{table.plus(index << detail::entry_bits)});
    TableEntry found{
        .is_user = entry.is_user(), .is_writable = entry.is_writable(), .is_cached = !entry.is_cache_disabled()};
    if constexpr (detail::Entry<level>::may_be_table) {
        if (entry.is_table()) {
            found.kind = TableEntry::Kind::table;
            found.address = entry.table();
        }
    }
    if constexpr (detail::Entry<level>::may_be_page) {
        if (entry.is_page()) {
            found.kind = TableEntry::Kind::page;
            found.address = entry.page();
        }
    }
    return found;
}

}  // namespace

Slot& detail::SlotAccess::anchor() { return StateStorage<Inventory>::value.anchor_; }

std::optional<SlotRef> first_capability(const Phase& phase) {
    (void)phase;
    Slot* const first = derivation_list::next(SlotAccess::anchor());
    return first == nullptr ? std::nullopt : std::optional{SlotAccess::ref(*first)};
}

std::optional<SlotRef> next_capability(const Phase& phase, SlotRef slot) {
    (void)phase;
    Slot* const after = derivation_list::next(*SlotAccess::pointer(slot));
    return after == nullptr ? std::nullopt : std::optional{SlotAccess::ref(*after)};
}

std::optional<SlotRef> previous_capability(const Phase& phase, SlotRef slot) {
    (void)phase;
    Slot* const before = derivation_list::previous(*SlotAccess::pointer(slot));
    return before == nullptr || derivation_list::is_vacant(*before) ? std::nullopt
                                                                    : std::optional{SlotAccess::ref(*before)};
}

PhysicalAddress object_address(const Capability& cap) {
    return PhysicalAddress{detail::CapabilityFactory::address(cap)};
}

TableEntry table_entry(const Phase& phase, const PageTableCap& table, std::uint64_t index) {
    (void)phase;
    return entry_of<Level::page_table>(table.start(), index);
}
TableEntry table_entry(const Phase& phase, const PageDirectoryCap& table, std::uint64_t index) {
    (void)phase;
    return entry_of<Level::page_directory>(table.start(), index);
}
TableEntry table_entry(const Phase& phase, const PdptCap& table, std::uint64_t index) {
    (void)phase;
    return entry_of<Level::pdpt>(table.start(), index);
}
TableEntry table_entry(const Phase& phase, const Pml4Cap& table, std::uint64_t index) {
    (void)phase;
    return entry_of<Level::pml4>(table.start(), index);
}

}  // namespace frame
