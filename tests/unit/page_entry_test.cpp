// SPDX-License-Identifier: GPL-2.0-only
//
// Page-table entries, bit by bit, against the tables of the Intel SDM vol. 3A, 4.5.
#include <frame/detail/page_entry.hpp>

#include "tests/support/test.hpp"

namespace {

using frame::MemoryType;
using frame::PhysicalAddress;
using frame::UserAddress;
using frame::VmRights;
using frame::detail::Level;
template <Level level>
using Entry = frame::detail::Entry<level>;

constexpr PhysicalAddress table{0x1234'5000};
constexpr PhysicalAddress huge_page{0x7fff'c000'0000};
constexpr MemoryType write_combining = MemoryType::from_word(abi::vm_attributes::write_combining);
constexpr MemoryType uncacheable = MemoryType::from_word(abi::vm_attributes::uncacheable);

TEST("an entry that leads to a table is present, writable and the user's, with PWT and PCD") {
    CHECK_EQUAL(Entry<Level::pml4>::to_table(table, {}).word(), 0x1234'5007U);
    CHECK_EQUAL(Entry<Level::pdpt>::to_table(table, uncacheable).word(), 0x1234'501fU);
    // Bit 7 must stay clear, or the entry would map a page; tables have no PAT bit.
    CHECK_EQUAL(Entry<Level::page_directory>::to_table(table, write_combining).word(), 0x1234'5007U);
}

TEST("a 4 KiB page has PAT in bit 7, larger pages have PS there and PAT in bit 12") {
    CHECK_EQUAL(Entry<Level::page_table>::to_page(table, VmRights::read_write, {}).word(), 0x1234'5007U);
    CHECK_EQUAL(Entry<Level::page_table>::to_page(table, VmRights::read_write, write_combining).word(), 0x1234'5087U);
    CHECK_EQUAL(Entry<Level::page_directory>::to_page(PhysicalAddress{0x20'0000}, VmRights::read_write, {}).word(),
                0x20'0087U);
    CHECK_EQUAL(
        Entry<Level::page_directory>::to_page(PhysicalAddress{0x20'0000}, VmRights::read_write, write_combining).word(),
        0x20'1087U);
    CHECK_EQUAL(Entry<Level::pdpt>::to_page(huge_page, VmRights::read_write, uncacheable).word(), 0x7fff'c000'009fU);
}

TEST("rights become R/W and U/S: without any the page is present for the kernel only") {
    CHECK_EQUAL(Entry<Level::page_table>::to_page(table, VmRights::read_only, {}).word(), 0x1234'5005U);
    CHECK_EQUAL(Entry<Level::page_table>::to_page(table, VmRights::kernel_only, {}).word(), 0x1234'5003U);
}

TEST("an empty entry is neither page nor table, whatever its other bits say") {
    CHECK(!Entry<Level::page_table>{}.is_present());
    const Entry<Level::page_directory> absent{0x1234'5086};
    CHECK(!absent.is_present());
    CHECK(!absent.is_page());
    CHECK(!absent.is_table());
}

TEST("each level tells pages and tables apart as the processor does") {
    CHECK(Entry<Level::pml4>{0x1007}.is_table());
    // Bit 7 is reserved in a PML4 entry; there are no pages of 512 GiB.
    CHECK(!Entry<Level::pml4>{0x1087}.is_page());
    CHECK(Entry<Level::pdpt>{0x1007}.is_table());
    CHECK(!Entry<Level::pdpt>{0x1007}.is_page());
    CHECK(Entry<Level::pdpt>{0x4000'0087}.is_page());
    CHECK(!Entry<Level::pdpt>{0x4000'0087}.is_table());
    CHECK(Entry<Level::page_directory>{0x20'0087}.is_page());
    // In a page table bit 7 is PAT, not a page size.
    CHECK(Entry<Level::page_table>{0x1007}.is_page());
    CHECK(Entry<Level::page_table>{0x1087}.is_page());
}

TEST("addresses read back as written, with accessed, dirty, PAT and XD set") {
    constexpr std::uint64_t flags = 0x8000'0000'0000'0060;
    const Entry<Level::pdpt> huge{Entry<Level::pdpt>::to_page(huge_page, VmRights::read_only, write_combining).word() |
                                  flags};
    CHECK_EQUAL(huge.page().value(), huge_page.value());
    const Entry<Level::page_directory> large{
        Entry<Level::page_directory>::to_page(PhysicalAddress{0x7f'ffe0'0000}, VmRights::read_write, write_combining)
            .word() |
        flags};
    CHECK_EQUAL(large.page().value(), 0x7f'ffe0'0000U);
    const PhysicalAddress highest{0xf'ffff'ffff'f000};
    CHECK_EQUAL(Entry<Level::page_table>::to_page(highest, VmRights::read_write, {}).page().value(), highest.value());
    CHECK_EQUAL((Entry<Level::pml4>{Entry<Level::pml4>::to_table(highest, {}).word() | flags}.table().value()),
                highest.value());
}

TEST("the index of an address is nine bits of it, per level") {
    // Indices 1, 2, 3 and 4 from the root down.
    constexpr UserAddress address{(1ULL << 39) | (2ULL << 30) | (3ULL << 21) | (4ULL << 12) | 0xfff};
    CHECK_EQUAL(Entry<Level::pml4>::index_of(address), 1U);
    CHECK_EQUAL(Entry<Level::pdpt>::index_of(address), 2U);
    CHECK_EQUAL(Entry<Level::page_directory>::index_of(address), 3U);
    CHECK_EQUAL(Entry<Level::page_table>::index_of(address), 4U);
    constexpr UserAddress last{0x7fff'ffff'ffff};
    CHECK_EQUAL(Entry<Level::pml4>::index_of(last), 255U);
    CHECK_EQUAL(Entry<Level::page_table>::index_of(last), 511U);
}

TEST("attribute words select PWT, PCD and PAT, and nothing else") {
    CHECK(MemoryType::from_word(0) == MemoryType{});
    CHECK(MemoryType::from_word(~std::uint64_t{7}) == MemoryType{});
    CHECK(MemoryType::from_word(abi::vm_attributes::write_through) == MemoryType{.write_through = true});
    CHECK(MemoryType::from_word(abi::vm_attributes::cache_disabled) == MemoryType{.cache_disabled = true});
    CHECK(uncacheable == (MemoryType{.write_through = true, .cache_disabled = true}));
    CHECK(write_combining == MemoryType{.pat = true});
}

}  // namespace
