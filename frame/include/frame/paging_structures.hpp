// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>

#include <abi/abi.hpp>
#include <frame/detail/page_entry.hpp>
#include <frame/ref.hpp>

/// The kernel objects that the processor walks. Their entries are the frame's alone: `paging.hpp` says what may be done.
namespace frame {

/// What the four kinds have in common: 512 entries of one level, all empty at first.
template <detail::Level level_value>
class alignas(power_of_two(abi::size_bits::page_table)) PagingStructure {
public:
    static constexpr std::uint64_t size_bits = detail::index_bits + detail::entry_bits;

    constexpr explicit PagingStructure(const Birth&) {}
    PagingStructure(const PagingStructure&) = delete;
    PagingStructure& operator=(const PagingStructure&) = delete;

protected:
    std::array<detail::Entry<level_value>, detail::entries_per_table> entries_{};
};

/// The root of an address space (Intel SDM vol. 3A, 4.5). Its upper 256 entries are the kernel's from birth to death.
class Pml4 final : public PagingStructure<detail::Level::pml4> {
    using PagingStructure::PagingStructure;
};
/// A page-directory-pointer table: its entries lead to page directories or map 1 GiB pages.
class Pdpt final : public PagingStructure<detail::Level::pdpt> {
    using PagingStructure::PagingStructure;
};
/// A page directory: its entries lead to page tables or map 2 MiB pages.
class PageDirectory final : public PagingStructure<detail::Level::page_directory> {
    using PagingStructure::PagingStructure;
};
/// A page table: its entries map 4 KiB pages.
class PageTable final : public PagingStructure<detail::Level::page_table> {
    using PagingStructure::PagingStructure;
};

static_assert(KernelObject<Pml4> && Pml4::size_bits == abi::size_bits::pml4);
static_assert(KernelObject<Pdpt> && Pdpt::size_bits == abi::size_bits::pdpt);
static_assert(KernelObject<PageDirectory> && PageDirectory::size_bits == abi::size_bits::page_directory);
static_assert(KernelObject<PageTable> && PageTable::size_bits == abi::size_bits::page_table);

}  // namespace frame
