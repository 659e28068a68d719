// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <frame/address.hpp>
#include <frame/cap/vspace.hpp>
#include <frame/detail/page_entry.hpp>

namespace frame::host {

/// A model of a core's memory-management unit (Intel SDM vol. 3A, 4.10) that forgets nothing by itself: a translation,
/// once used, stays until the kernel invalidates it, and translations of all ASIDs live side by side. So a missed
/// invalidation shows, whatever a real processor would have happened to evict.
class Mmu {
public:
    /// The model of the only core.
    [[nodiscard]] static Mmu& instance();

    /// What the processor does for a user-mode access: translates by what it remembers, else walks the tables, remembers
    /// the way and sets accessed and dirty bits. Nothing: a page fault.
    [[nodiscard]] std::optional<PhysicalAddress> access(UserAddress address, bool write);

    /// What it remembers although the tables no longer say so, one sentence each; a sound kernel leaves none.
    [[nodiscard]] std::vector<std::string> stale() const;
    /// The translations and cached paging structures that it remembers now.
    [[nodiscard]] std::size_t remembered() const { return translations_.size() + structures_.size(); }

    /// The ASID that is loaded; none while the kernel's own root is.
    [[nodiscard]] Asid loaded_asid() const { return asid_; }
    [[nodiscard]] PhysicalAddress loaded_root() const { return root_; }

    /// How often the kernel asked for each costly act.
    struct Counts {
        std::uint64_t root_loads = 0;
        std::uint64_t page_invalidations = 0;
        std::uint64_t asid_invalidations = 0;
        friend bool operator==(const Counts&, const Counts&) = default;
    };
    [[nodiscard]] Counts counts() const { return counts_; }
    /// Whether the modelled processor has 1 GiB pages.
    bool has_huge_pages = true;

    void load_root(PhysicalAddress root, Asid asid);
    void load_kernel_root();
    void invalidate_page(UserAddress address, Asid asid);
    void invalidate_asid(Asid asid);

private:
    /// A remembered page.
    struct Page {
        PhysicalAddress start{};
        bool is_user = false;
        bool is_writable = false;
    };
    /// ASID, log2 size of the page, address of its first byte.
    using PageKey = std::tuple<Asid, unsigned, std::uint64_t>;
    /// ASID, log2 of the bytes that the remembered table translates, address of the first.
    using StructureKey = std::tuple<Asid, unsigned, std::uint64_t>;

    [[nodiscard]] std::optional<Page> remembered_page(UserAddress address) const;
    template <detail::Level level>
    [[nodiscard]] std::optional<Page> walk(PhysicalAddress table, UserAddress address, bool write);
    [[nodiscard]] std::optional<Page> walk_from_nearest(UserAddress address, bool write);

    std::map<PageKey, Page> translations_;
    std::map<StructureKey, PhysicalAddress> structures_;
    PhysicalAddress root_{};
    Asid asid_ = no_asid;
    Counts counts_;
};

}  // namespace frame::host
