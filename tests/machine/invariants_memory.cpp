// SPDX-License-Identifier: GPL-2.0-only
//
// What must hold of address spaces, and of what the processor remembers of them.
#include <algorithm>
#include <array>
#include <iterator>

#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/detail/page_entry.hpp>
#include <frame/paging_structures.hpp>
#include "frame/host/mmu.hpp"
#include "tests/machine/census.hpp"

namespace test {

namespace {

using frame::Asid;
using frame::PhysicalAddress;
using frame::detail::Entry;
using frame::detail::Level;
using frame::host::Arena;

constexpr std::uint64_t entries = frame::detail::entries_per_table;
using Words = std::array<std::uint64_t, entries>;

/// A root that an ASID names.
struct Root {
    Asid asid{};
    std::uint64_t offset = 0;
};

/// The pools that the ASID table names, and the words in them.
std::array<std::uint64_t, frame::asid_pool_count>& pool_words(const Census& census) {
    auto& table = census.phase.state<frame::AsidTable>();
    static_assert(sizeof table == sizeof(std::array<std::uint64_t, frame::asid_pool_count>));
    return reinterpret_cast<std::array<std::uint64_t, frame::asid_pool_count>&>(table);
}

std::optional<std::uint64_t> offset_in(std::uint64_t word) {
    const std::uint64_t offset = frame::detail::link_place(word);
    const std::uint64_t tag = (word >> frame::detail::link_tag_shift) & frame::detail::link_tag_mask;
    return tag == frame::detail::link_tag(offset) ? std::optional{offset} : std::nullopt;
}

template <class Visit>
void for_each_root(const Census& census, Visit visit) {
    auto& pools = pool_words(census);
    for (std::uint64_t pool = 0; pool < pools.size(); ++pool) {
        const auto offset = pools[pool] == 0 ? std::nullopt : offset_in(pools[pool]);
        if (!offset || census.living<frame::AsidPool>(*offset) == nullptr) {
            continue;
        }
        const Words& words = *frame::detail::pointer_at<Words>(*offset);
        for (std::uint64_t index = 0; index < words.size(); ++index) {
            if (words[index] != 0) {
                visit(Asid{static_cast<std::uint16_t>(pool * frame::asids_per_pool + index)}, words[index]);
            }
        }
    }
}

std::vector<Root> live_roots(const Census& census) {
    std::vector<Root> roots;
    for_each_root(census, [&](Asid asid, std::uint64_t word) {
        if (const auto offset = offset_in(word); offset && census.living<frame::Pml4>(*offset) != nullptr) {
            roots.push_back({asid, *offset});
        }
    });
    return roots;
}

template <Level level>
struct Table;
template <>
struct Table<Level::page_table> {
    using Type = frame::PageTable;
    using Cap = frame::PageTableCap;
};
template <>
struct Table<Level::page_directory> {
    using Type = frame::PageDirectory;
    using Cap = frame::PageDirectoryCap;
};
template <>
struct Table<Level::pdpt> {
    using Type = frame::Pdpt;
    using Cap = frame::PdptCap;
};

/// Where a walk is: which address space, and the first address that the entry translates.
struct Place {
    Asid asid{};
    std::uint64_t address = 0;
};

/// Goes through everything that a table translates: `leaf(place, level, entry)` for pages, `table(place, entry, is_good)`
/// for tables, which it enters only if they are good.
template <Level level, class Leaf, class ToTable>
void walk(const Census& census, std::uint64_t table, Place start, Leaf leaf, ToTable to_table) {
    const Words& words = *frame::detail::pointer_at<Words>(table);
    const std::uint64_t count = level == Level::pml4 ? frame::detail::user_root_entries : entries;
    for (std::uint64_t index = 0; index < count; ++index) {
        const Entry<level> entry{words[index]};
        if (!entry.is_present()) {
            continue;
        }
        const Place place{start.asid, start.address + (index << Entry<level>::shift)};
        if constexpr (Entry<level>::may_be_page) {
            if (entry.is_page()) {
                leaf(place, Entry<level>::shift, entry.page().value(), entry.is_writable(), entry.is_user());
                continue;
            }
        }
        if constexpr (Entry<level>::may_be_table) {
            constexpr Level next = frame::detail::below<level>;
            const std::uint64_t child = entry.table().value();
            const bool is_good = census.living<typename Table<next>::Type>(child) != nullptr;
            to_table(place, child, is_good, Table<next>::Cap::kind);
            if (is_good) {
                walk<next>(census, child, place, leaf, to_table);
            }
        }
    }
}

template <class Leaf, class ToTable>
void walk_all(const Census& census, Leaf leaf, ToTable to_table) {
    for (const Root& root : live_roots(census)) {
        walk<Level::pml4>(census, root.offset, Place{root.asid, 0}, leaf, to_table);
    }
}

constexpr auto ignore_leaf = [](Place, std::uint64_t, std::uint64_t, bool, bool) {};
constexpr auto ignore_table = [](Place, std::uint64_t, bool, abi::CapabilityTag) {};

std::string shown(Place place) {
    return std::format("ASID {} at {:#x}", static_cast<unsigned>(place.asid), place.address);
}

}  // namespace

void check_leaf_entries(const Census& census, Found& found) {
    std::vector<Held> mapped;
    std::ranges::copy_if(census.held, std::back_inserter(mapped), [](const Held& held) {
        const auto frame = held.as<frame::FrameCap>();
        return frame && frame->is_mapped();
    });
    walk_all(
        census,
        [&](Place place, std::uint64_t bits, std::uint64_t page, bool is_writable, bool is_user) {
            const bool is_backed = std::ranges::any_of(mapped, [&](const Held& held) {
                const auto frame = held.as<frame::FrameCap>();
                return frame && frame->mapping().asid == place.asid &&
                       frame->mapping().address.value() == place.address && frame->size_bits() == bits &&
                       frame->start().value() == page &&
                       (!is_user || !is_writable || frame->rights() == frame::VmRights::read_write) &&
                       (!is_user || frame->rights() != frame::VmRights::kernel_only);
            });
            if (!is_backed) {
                found.push_back(
                    std::format("{} maps {:#x}, and no frame capability is mapped there", shown(place), page));
            }
        },
        ignore_table);
}

void check_tables(const Census& census, Found& found) {
    walk_all(census, ignore_leaf, [&](Place place, std::uint64_t table, bool is_good, abi::CapabilityTag kind) {
        if (!is_good) {
            found.push_back(
                std::format("{} leads to {:#x}, which is no live table of that level", shown(place), table));
            return;
        }
        const bool is_named = std::ranges::any_of(census.held, [&](const Held& held) {
            return held.tag() == kind && held.address() == table &&
                   frame::detail::mapping_from(held.second) ==
                       frame::Mapping{place.asid, frame::UserAddress{place.address}};
        });
        if (!is_named) {
            found.push_back(std::format("{} leads to {:#x}, and no capability is mapped there", shown(place), table));
        }
    });
    const auto kernel_half = frame::backend::kernel_half();
    for (const frame::host::ObjectRecord& object : census.objects) {
        if (!object.is<frame::Pml4>()) {
            continue;
        }
        const Words& words = *frame::detail::pointer_at<Words>(object.offset);
        if (!std::equal(kernel_half.begin(), kernel_half.end(), words.begin() + frame::detail::user_root_entries)) {
            found.push_back(std::format("the kernel's half of the root {:#x} is not the kernel's", object.offset));
        }
    }
}

void check_asids(const Census& census, Found& found) {
    auto& pools = pool_words(census);
    for (std::uint64_t pool = 0; pool < pools.size(); ++pool) {
        if (pools[pool] == 0) {
            continue;
        }
        const auto offset = offset_in(pools[pool]);
        if (!offset || census.living<frame::AsidPool>(*offset) == nullptr) {
            found.push_back(std::format("entry {} of the ASID table names a pool that is dead", pool));
            continue;
        }
        if (!std::ranges::any_of(census.held, [&](const Held& held) {
                return held.is<frame::AsidPoolCap>() && held.address() == *offset &&
                       held.second == pool * frame::asids_per_pool;
            })) {
            found.push_back(std::format("entry {} of the ASID table names a pool that no capability names", pool));
        }
    }
    std::vector<std::uint64_t> seen;
    for_each_root(census, [&](Asid asid, std::uint64_t word) {
        const auto number = static_cast<unsigned>(asid);
        const auto offset = offset_in(word);
        if (!offset || census.living<frame::Pml4>(*offset) == nullptr) {
            found.push_back(std::format("ASID {} names a root that is dead", number));
            return;
        }
        if (std::ranges::find(seen, *offset) != seen.end()) {
            found.push_back(std::format("ASID {} names a root that has another ASID, too", number));
        }
        seen.push_back(*offset);
        const bool is_named = std::ranges::any_of(census.held, [&](const Held& held) {
            const auto cap = held.as<frame::Pml4Cap>();
            return cap && held.address() == *offset && cap->asid() == asid;
        });
        if (!is_named) {
            found.push_back(std::format("ASID {} names the root {:#x}, and no capability says so", number, *offset));
        }
    });
}

void check_no_kernel_memory_mapped(const Census& census, Found& found) {
    walk_all(
        census,
        [&](Place place, std::uint64_t bits, std::uint64_t page, bool, bool) {
            if (page >= Arena::size()) {
                return;  // device memory
            }
            const Arena::Number number = Arena::number_at(page);
            const frame::host::ObjectRecord& object = Arena::object(number);
            if (number == 0 || !object.is<frame::detail::UserMemory>() || page < object.offset ||
                page + (std::uint64_t{1} << bits) > object.offset + object.size) {
                found.push_back(std::format("{} maps {:#x}, which is no frame's memory", shown(place), page));
            }
        },
        ignore_table);
}

void check_tlb(const Census&, Found& found) {
    for (std::string& what : frame::host::Mmu::instance().stale()) {
        found.push_back(std::move(what));
    }
}

}  // namespace test
