// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>

#include <frame/detail/page_entry.hpp>

/// The algorithms on paging structures. They see memory through a policy, so that the host tests run the same code over a
/// memory that records each write; over the kernel window they compile to plain loads and stores.
namespace frame::detail {

/// Memory that holds paging structures, by physical address.
template <class Memory>
concept TableMemory = requires(Memory& memory, PhysicalAddress at, std::uint64_t word) {
    { memory.read(at) } -> std::same_as<std::uint64_t>;
    { memory.write(at, word) } -> std::same_as<void>;
    /// Makes a whole table empty.
    { memory.clear_table(at) } -> std::same_as<void>;
    /// A walk is about to use the table at `at`, which must be a live one of that level.
    { memory.template enter<Level::page_table>(at) } -> std::same_as<void>;
};

/// Where an entry of a table of `level` is.
template <Level level>
struct EntryPlace {
    PhysicalAddress at{};
    friend constexpr bool operator==(EntryPlace, EntryPlace) = default;
};

template <Level level, TableMemory Memory>
[[nodiscard]] Entry<level> load(Memory& memory, EntryPlace<level> place) {
    return Entry<level>{memory.read(place.at)};
}

template <Level level, TableMemory Memory>
void store(Memory& memory, EntryPlace<level> place, Entry<level> entry) {
    memory.write(place.at, entry.word());
}

/// The entry for `address` in a table.
template <Level level>
[[nodiscard]] constexpr EntryPlace<level> entry_in(PhysicalAddress table, UserAddress address) {
    return EntryPlace<level>{table.plus(Entry<level>::index_of(address) << entry_bits)};
}

/// The entry of a `target` level table that translates `address`, found from `table`, which is of level `from`. Fails
/// with the level whose entry leads to no table. `address` is in the user's half.
template <Level target, Level from = Level::pml4, TableMemory Memory>
[[nodiscard]] std::expected<EntryPlace<target>, Level> find_entry(Memory& memory, PhysicalAddress table,
                                                                  UserAddress address) {
    memory.template enter<from>(table);
    const EntryPlace<from> place = entry_in<from>(table, address);
    if constexpr (from == target) {
        return place;
    } else {
        const Entry<from> entry = load(memory, place);
        if (!entry.is_table()) {
            return std::unexpected{from};
        }
        return find_entry<target, below<from>>(memory, entry.table(), address);
    }
}

/// Makes a page entry out of whatever page or nothing `place` holds, and says whether it held a page: then the processor
/// may remember that one.
template <Level level, TableMemory Memory>
[[nodiscard]] bool set_page(Memory& memory, EntryPlace<level> place, Entry<level> page) {
    const bool replaces = load(memory, place).is_present();
    store(memory, place, page);
    return replaces;
}

/// Empties the entry for `address`, if it maps exactly `page`; says whether it did.
template <Level level, TableMemory Memory>
[[nodiscard]] bool remove_page(Memory& memory, PhysicalAddress root, UserAddress address, PhysicalAddress page) {
    const std::expected<EntryPlace<level>, Level> place = find_entry<level>(memory, root, address);
    if (!place) {
        return false;
    }
    const Entry<level> entry = load(memory, *place);
    if (!entry.is_page() || entry.page() != page) {
        return false;
    }
    store(memory, *place, Entry<level>{});
    return true;
}

/// Empties the entry that leads to `table`, of level `level`, for `address`, if it does; says whether it did.
template <Level level, TableMemory Memory>
[[nodiscard]] bool remove_table(Memory& memory, PhysicalAddress root, UserAddress address, PhysicalAddress table) {
    constexpr Level parent = above<level>;
    const std::expected<EntryPlace<parent>, Level> place = find_entry<parent>(memory, root, address);
    if (!place) {
        return false;
    }
    const Entry<parent> entry = load(memory, *place);
    if (!entry.is_table() || entry.table() != table) {
        return false;
    }
    store(memory, *place, Entry<parent>{});
    return true;
}

/// What a table translates.
struct Contents {
    enum class Kind : std::uint8_t { nothing, one_page, more };
    Kind kind = Kind::nothing;
    std::uint64_t index = 0;  ///< of the page's entry, if it is one
};

/// Looks whether a table leads to nothing, to a single page or to more. Stops as soon as it knows.
template <Level level, TableMemory Memory>
[[nodiscard]] Contents contents_of(Memory& memory, PhysicalAddress table) {
    memory.template enter<level>(table);
    Contents found{};
    for (std::uint64_t index = 0; index < entries_per_table; ++index) {
        const std::uint64_t word = memory.read(table.plus(index << entry_bits));
        const Entry<level> entry{word};
        // Most words are zero: a short way for them, because this loop is as long as work between two preemption points gets.
        if (word == 0 || !entry.is_present()) {
            continue;
        }
        if (entry.is_table() || found.kind == Contents::Kind::one_page) {
            return Contents{Contents::Kind::more, 0};
        }
        found = Contents{Contents::Kind::one_page, index};
    }
    return found;
}

}  // namespace frame::detail
