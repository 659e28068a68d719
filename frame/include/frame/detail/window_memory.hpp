// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstring>

#include <frame/check.hpp>
#include <frame/detail/table_walk.hpp>
#include <frame/detail/window.hpp>
#include <frame/paging_structures.hpp>

namespace frame::detail {

/// The kernel object type of a level's tables.
template <Level level>
struct TableOf;
template <>
struct TableOf<Level::pml4> {
    using Type = Pml4;
};
template <>
struct TableOf<Level::pdpt> {
    using Type = Pdpt;
};
template <>
struct TableOf<Level::page_directory> {
    using Type = PageDirectory;
};
template <>
struct TableOf<Level::page_table> {
    using Type = PageTable;
};

/// Paging structures where they are: in donated memory, through the kernel window.
struct WindowMemory {
    static std::uint64_t read(PhysicalAddress at) {
        // SAFETY: `at` is an entry of a live table: walks start at a live root and follow entries, and an entry leads to a
        // table only while that table lives. The processor sets accessed and dirty bits meanwhile, hence the atomic access.
        return __atomic_load_n(pointer_at<std::uint64_t>(at.value()), __ATOMIC_RELAXED);
    }
    static void write(PhysicalAddress at, std::uint64_t word) {
        // SAFETY: as in `read`.
        __atomic_store_n(pointer_at<std::uint64_t>(at.value()), word, __ATOMIC_RELAXED);
    }
    static void clear_table(PhysicalAddress at) {
        // SAFETY: `at` is a live table that nothing leads to any more, so neither the processor nor a walk uses it.
        std::memset(bytes_at(at), 0, power_of_two(abi::size_bits::page_table));
    }
    template <Level level>
    static void enter(PhysicalAddress at) {
        if constexpr (checked) {
            // SAFETY: this is the check itself: it stops the process unless a live table of that level is there.
            using Table = typename TableOf<level>::Type;
            (void)*RefFactory::from_offset<Table>(at.value());
        }
    }
};
static_assert(TableMemory<WindowMemory>);

}  // namespace frame::detail
