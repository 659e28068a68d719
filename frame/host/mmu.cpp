// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/mmu.hpp"

#include <array>
#include <format>

#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/window_memory.hpp>
#include <frame/paging.hpp>

namespace frame::host {

namespace {

using detail::Entry;
using detail::Level;
using detail::WindowMemory;

/// Bits 5 and 6 of an entry, which the processor sets (Intel SDM vol. 3A, 4.8).
constexpr std::uint64_t accessed_bit = 1U << 5;
constexpr std::uint64_t dirty_bit = 1U << 6;

std::uint64_t start_of(UserAddress address, unsigned bits) { return address.aligned_down(bits).value(); }

/// The table that leads on from a root to a remembered one, as the tables say now.
template <Level level>
std::optional<PhysicalAddress> table_for(const VSpace& vspace, UserAddress address) {
    WindowMemory memory;
    constexpr Level parent = detail::above<level>;
    const auto place =
        detail::find_entry<parent>(memory, PhysicalAddress{detail::RefFactory::offset(vspace.root())}, address);
    if (!place || !detail::load(memory, *place).is_table()) {
        return std::nullopt;
    }
    return detail::load(memory, *place).table();
}

std::optional<PhysicalAddress> table_for(const VSpace& vspace, UserAddress address, unsigned bits) {
    switch (bits) {
    case table_span_bits<PageTableCap>:
        return table_for<Level::page_table>(vspace, address);
    case table_span_bits<PageDirectoryCap>:
        return table_for<Level::page_directory>(vspace, address);
    default:
        return table_for<Level::pdpt>(vspace, address);
    }
}

}  // namespace

Mmu& Mmu::instance() {
    // SAFETY: made once and never deleted, so that no destructor runs while tests still use it.
    static Mmu* const mmu = new Mmu;  // lives as long as the process
    return *mmu;
}

void Mmu::load_root(PhysicalAddress root, Asid asid) {
    root_ = root;
    asid_ = asid;
    ++counts_.root_loads;
}

void Mmu::load_kernel_root() {
    root_ = PhysicalAddress{};
    asid_ = no_asid;
    ++counts_.root_loads;
}

void Mmu::invalidate_page(UserAddress address, Asid asid) {
    ++counts_.page_invalidations;
    for (const PageSize size : {PageSize::small, PageSize::large, PageSize::huge}) {
        const auto bits = static_cast<unsigned>(page_bits(size));
        translations_.erase(PageKey{asid, bits, start_of(address, bits)});
    }
    for (const std::uint64_t span :
         {table_span_bits<PageTableCap>, table_span_bits<PageDirectoryCap>, table_span_bits<PdptCap>}) {
        const auto bits = static_cast<unsigned>(span);
        structures_.erase(StructureKey{asid, bits, start_of(address, bits)});
    }
}

void Mmu::invalidate_asid(Asid asid) {
    ++counts_.asid_invalidations;
    const auto is_of_asid = [asid](const auto& item) { return std::get<0>(item.first) == asid; };
    std::erase_if(translations_, is_of_asid);
    std::erase_if(structures_, is_of_asid);
}

std::optional<Mmu::Page> Mmu::remembered_page(UserAddress address) const {
    for (const PageSize size : {PageSize::small, PageSize::large, PageSize::huge}) {
        const auto bits = static_cast<unsigned>(page_bits(size));
        if (const auto found = translations_.find(PageKey{asid_, bits, start_of(address, bits)});
            found != translations_.end()) {
            Page page = found->second;
            page.start = page.start.plus(address.value() & low_mask(bits));
            return page;
        }
    }
    return std::nullopt;
}

template <Level level>
std::optional<Mmu::Page> Mmu::walk(PhysicalAddress table, UserAddress address, bool write) {
    WindowMemory memory;
    const detail::EntryPlace<level> place = detail::entry_in<level>(table, address);
    const Entry<level> entry = detail::load(memory, place);
    if (!entry.is_present()) {
        return std::nullopt;
    }
    if constexpr (Entry<level>::may_be_page) {
        if (entry.is_page()) {
            const Page page{.start = entry.page(), .is_user = entry.is_user(), .is_writable = entry.is_writable()};
            const bool is_allowed = page.is_user && (page.is_writable || !write);
            if (is_allowed) {
                memory.write(place.at, entry.word() | accessed_bit | (write ? dirty_bit : 0));
            }
            translations_[PageKey{asid_, Entry<level>::shift, start_of(address, Entry<level>::shift)}] = page;
            return remembered_page(address);
        }
    }
    if constexpr (Entry<level>::may_be_table) {
        memory.write(place.at, entry.word() | accessed_bit);
        structures_[StructureKey{asid_, Entry<level>::shift, start_of(address, Entry<level>::shift)}] = entry.table();
        return walk<detail::below<level>>(entry.table(), address, write);
    }
    return std::nullopt;
}

/// The processor may begin a walk at the lowest structure that it remembers (4.10.3).
std::optional<Mmu::Page> Mmu::walk_from_nearest(UserAddress address, bool write) {
    const auto remembered = [&](std::uint64_t span) -> std::optional<PhysicalAddress> {
        const auto bits = static_cast<unsigned>(span);
        const auto found = structures_.find(StructureKey{asid_, bits, start_of(address, bits)});
        return found == structures_.end() ? std::nullopt : std::optional{found->second};
    };
    if (const auto table = remembered(table_span_bits<PageTableCap>)) {
        return walk<Level::page_table>(*table, address, write);
    }
    if (const auto table = remembered(table_span_bits<PageDirectoryCap>)) {
        return walk<Level::page_directory>(*table, address, write);
    }
    if (const auto table = remembered(table_span_bits<PdptCap>)) {
        return walk<Level::pdpt>(*table, address, write);
    }
    return walk<Level::pml4>(root_, address, write);
}

std::optional<PhysicalAddress> Mmu::access(UserAddress address, bool write) {
    if (asid_ == no_asid || address.value() >= detail::user_half_end) {
        return std::nullopt;
    }
    std::optional<Page> page = remembered_page(address);
    if (!page) {
        page = walk_from_nearest(address, write);
    }
    if (!page || !page->is_user || (write && !page->is_writable)) {
        return std::nullopt;
    }
    return page->start;
}

std::vector<std::string> Mmu::stale() const {
    const Phase phase = detail::PhaseFactory::make<Phase>();
    std::vector<std::string> found;
    for (const auto& [key, page] : translations_) {
        const auto& [asid, bits, start] = key;
        const auto number = static_cast<unsigned>(asid);
        const std::optional<VSpace> vspace = VSpace::of(phase, asid);
        if (!vspace) {
            found.push_back(
                std::format("a page at {:#x} is remembered for ASID {}, which names nothing", start, number));
            continue;
        }
        const std::optional<Translation> now = translate(*vspace, UserAddress{start});
        if (!now || now->physical != page.start || page_bits(now->size) != bits) {
            found.push_back(std::format("ASID {} remembers {:#x} at {:#x}, which the tables do not map there", number,
                                        page.start.value(), start));
        } else if ((page.is_writable && !now->is_writable) || (page.is_user && !now->is_user)) {
            found.push_back(std::format("ASID {} remembers more rights to {:#x} than the tables give", number, start));
        }
    }
    for (const auto& [key, table] : structures_) {
        const auto& [asid, bits, start] = key;
        const std::optional<VSpace> vspace = VSpace::of(phase, asid);
        if (!vspace || table_for(*vspace, UserAddress{start}, bits) != table) {
            found.push_back(std::format("ASID {} remembers a table for 2^{} bytes at {:#x} that is not there",
                                        static_cast<unsigned>(asid), bits, start));
        }
    }
    return found;
}

}  // namespace frame::host

namespace frame::backend {

namespace {
// As in CR3: a table's address ends in zeros.
constexpr std::uint64_t asid_bits = 0xfff;
static_assert(asid_pool_count * asids_per_pool <= asid_bits + 1);
}  // namespace

RootWord root_word(PhysicalAddress pml4, Asid asid) {
    return RootWord{pml4.value() | static_cast<std::uint64_t>(asid)};
}

void load_root(RootWord word) {
    const auto bits = static_cast<std::uint64_t>(word);
    host::Mmu::instance().load_root(PhysicalAddress{bits & ~asid_bits},
                                    Asid{static_cast<std::uint16_t>(bits & asid_bits)});
}

void load_kernel_root() { host::Mmu::instance().load_kernel_root(); }

void invalidate_page(UserAddress address, Asid asid) { host::Mmu::instance().invalidate_page(address, asid); }

void invalidate_asid(Asid asid) { host::Mmu::instance().invalidate_asid(asid); }

std::span<const std::uint64_t, 256> kernel_half() {
    // Like the machine's: one present, supervisor-only entry at the very top. It leads nowhere, the model knows only
    // the user's half.
    static constexpr std::array<std::uint64_t, 256> half = [] {
        std::array<std::uint64_t, 256> entries{};
        entries.back() = 0x1000'0003;
        return entries;
    }();
    return half;
}

bool has_huge_pages() { return host::Mmu::instance().has_huge_pages; }

}  // namespace frame::backend
