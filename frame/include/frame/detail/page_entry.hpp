// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <abi/abi.hpp>
#include <frame/address.hpp>
#include <frame/cap/vspace.hpp>
#include <frame/memory_type.hpp>

namespace frame::detail {

/// The four levels of 4-level paging, by the structure that holds a level's entries (Intel SDM vol. 3A, 4.5).
enum class Level : std::uint8_t { page_table = 1, page_directory = 2, pdpt = 3, pml4 = 4 };

/// The level of the tables that a table of `level` leads to; nothing is below a page table.
template <Level level>
    requires(level != Level::page_table)
inline constexpr Level below{static_cast<Level>(static_cast<unsigned>(level) - 1)};
/// The level of the tables that lead to a table of `level`; nothing is above a PML4.
template <Level level>
    requires(level != Level::pml4)
inline constexpr Level above{static_cast<Level>(static_cast<unsigned>(level) + 1)};

inline constexpr unsigned index_bits = 9;
inline constexpr unsigned entry_bits = 3;
inline constexpr std::uint64_t entries_per_table = std::uint64_t{1} << index_bits;
/// Entries of a PML4 that translate the user's half, addresses 0 to 2^47 - 1. The rest is the kernel's.
inline constexpr std::uint64_t user_root_entries = entries_per_table / 2;
inline constexpr std::uint64_t user_half_end = std::uint64_t{1} << 47;

/// One entry of a paging structure of `level` (Intel SDM vol. 3A, tables 4-15 to 4-20). All-zero is empty.
///
/// ```
///   63  62      52 51                              12 11      8  7   6 5  4   3   2   1   0
///  +---+----------+----------------------------------+---------+----+-+-+---+---+---+---+---+
///  |XD | ignored  |  physical address of table/page  | ignored | PS |D|A|PCD|PWT|U/S|R/W| P |
///  +---+----------+----------------------------------+---------+----+-+-+---+---+---+---+---+
///                            bit 7 is PAT in a page table; larger pages have PAT in bit 12
/// ```
template <Level level>
class Entry {
public:
    /// log2 of the bytes that one entry translates.
    static constexpr unsigned shift = 12 + index_bits * (static_cast<unsigned>(level) - 1);
    static constexpr bool may_be_table = level != Level::page_table;
    static constexpr bool may_be_page = level != Level::pml4;

    constexpr Entry() = default;
    constexpr explicit Entry(std::uint64_t word) : word_{word} {}

    /// The entry that leads to a table one level down. It allows everything: pages alone restrict access, as on seL4.
    [[nodiscard]] static constexpr Entry to_table(PhysicalAddress table, MemoryType type)
        requires may_be_table
    {
        return Entry{TableAddress::make(table.value() >> TableAddress::shift) | Present::mask | Writable::mask |
                     User::mask | caching(type)};
    }
    /// The entry that maps a page. If the rights leave the user none, the page is present for the kernel only: user
    /// accesses report a protection violation, not a missing page.
    [[nodiscard]] static constexpr Entry to_page(PhysicalAddress page, VmRights rights, MemoryType type)
        requires may_be_page
    {
        return Entry{PageAddress::make(page.value() >> shift) | Present::mask |
                     Writable::make(rights == VmRights::read_only ? 0 : 1) |
                     User::make(rights == VmRights::kernel_only ? 0 : 1) | PageSizeFlag::make(may_be_table ? 1 : 0) |
                     Pat::make(type.pat ? 1 : 0) | caching(type)};
    }

    [[nodiscard]] constexpr std::uint64_t word() const { return word_; }
    [[nodiscard]] constexpr bool is_present() const { return Present::get(word_) != 0; }
    [[nodiscard]] constexpr bool is_table() const {
        return may_be_table && is_present() && (!may_be_page || PageSizeFlag::get(word_) == 0);
    }
    [[nodiscard]] constexpr bool is_page() const {
        return may_be_page && is_present() && (!may_be_table || PageSizeFlag::get(word_) != 0);
    }
    /// The table that this entry leads to; only of an entry that is_table().
    [[nodiscard]] constexpr PhysicalAddress table() const
        requires may_be_table
    {
        return PhysicalAddress{TableAddress::get(word_) << TableAddress::shift};
    }
    /// The page that this entry maps; only of an entry that is_page().
    [[nodiscard]] constexpr PhysicalAddress page() const
        requires may_be_page
    {
        return PhysicalAddress{PageAddress::get(word_) << shift};
    }
    [[nodiscard]] constexpr bool is_writable() const { return Writable::get(word_) != 0; }
    [[nodiscard]] constexpr bool is_cache_disabled() const { return CacheDisabled::get(word_) != 0; }
    [[nodiscard]] constexpr bool is_user() const { return User::get(word_) != 0; }

    /// Which entry of a table of this level translates `address`.
    [[nodiscard]] static constexpr std::uint64_t index_of(UserAddress address) {
        return (address.value() >> shift) & low_mask(index_bits);
    }

private:
    using Present = Field<0, 1>;
    using Writable = Field<1, 1>;
    using User = Field<2, 1>;
    using WriteThrough = Field<3, 1>;
    using CacheDisabled = Field<4, 1>;
    using PageSizeFlag = Field<7, 1>;
    using Pat = Field<(may_be_table ? 12 : 7), 1>;
    struct TableAddress : Field<12, 40> {
        static constexpr unsigned shift = 12;
    };
    using PageAddress = Field<(may_be_page ? shift : 12), 52 - (may_be_page ? shift : 12)>;

    [[nodiscard]] static constexpr std::uint64_t caching(MemoryType type) {
        return CacheDisabled::make(type.cache_disabled ? 1 : 0) | WriteThrough::make(type.write_through ? 1 : 0);
    }

    std::uint64_t word_ = 0;
};

static_assert(sizeof(Entry<Level::page_table>) == power_of_two(entry_bits));
static_assert(entry_bits == abi::size_bits::page_table_entry && index_bits == abi::size_bits::page_table_index);
static_assert(Entry<Level::page_table>::shift == abi::size_bits::page);
static_assert(Entry<Level::page_directory>::shift == abi::size_bits::large_page);
static_assert(Entry<Level::pdpt>::shift == abi::size_bits::huge_page);
static_assert(Entry<Level::page_table>::shift == page_bits(PageSize::small));
static_assert(Entry<Level::page_directory>::shift == page_bits(PageSize::large));
static_assert(Entry<Level::pdpt>::shift == page_bits(PageSize::huge));
static_assert(Entry<Level::pml4>::index_of(UserAddress{user_half_end - 1}) == user_root_entries - 1);

}  // namespace frame::detail
