// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/test.hpp"

/// A processor that translates addresses and forgets only what it is told to, and the tables in its memory.
namespace processor_model {

constexpr std::uint64_t keep = std::uint64_t{1} << 63;
constexpr std::uint64_t pcid_bits = 0xfff;
/// What a page shows that the present owner of a table's former memory put there.
constexpr std::uint64_t stolen = 0xbad;

/// Levels: 0 for page tables, 3 for PML4s.
constexpr unsigned top_level = 3;
/// The part of an address that an entry of this level and those above it translate.
constexpr std::uint64_t part(std::uint64_t address, unsigned level) { return address >> (12 + 9 * level); }
constexpr std::uint64_t index(std::uint64_t address, unsigned level) { return part(address, level) & 0x1ff; }

struct Entry {
    /// At level 0 what the page shows, above the address of a table.
    std::uint64_t target;
    bool is_global;
};

/// Pages that are tables, or were.
class Memory {
public:
    /// An empty table, in the memory of a former one sometimes.
    std::uint64_t allocate(std::uint64_t random) {
        if (free_.empty() || random % 4 == 0) {
            tables_.emplace_back();
            return 0x1000 * tables_.size();
        }
        const auto chosen = free_.begin() + static_cast<std::ptrdiff_t>(random % free_.size());
        const std::uint64_t table = *chosen;
        free_.erase(chosen);
        at(table) = Table{};
        return table;
    }
    /// From now on every walk through this page ends at `stolen`.
    void release(std::uint64_t table) {
        at(table) = {.is_stolen = true, .entries = {}};
        free_.push_back(table);
    }
    [[nodiscard]] bool is_table(std::uint64_t table) const {
        return table != 0 && table % 0x1000 == 0 && table / 0x1000 <= tables_.size() && !at(table).is_stolen;
    }
    [[nodiscard]] std::map<std::uint64_t, Entry>& entries(std::uint64_t table) { return at(table).entries; }

    [[nodiscard]] std::optional<Entry> find(std::uint64_t table, std::uint64_t address, unsigned level) const {
        const Table& found = at(table);
        if (found.is_stolen) {
            return Entry{.target = level == 0 ? stolen : table, .is_global = false};
        }
        const auto entry = found.entries.find(index(address, level));
        return entry == found.entries.end() ? std::nullopt : std::optional{entry->second};
    }
    /// What the tables show at an address, from a table of `level` on.
    [[nodiscard]] std::optional<std::uint64_t> walk(std::uint64_t table, std::uint64_t address,
                                                    unsigned level = top_level) const {
        std::optional<Entry> entry = find(table, address, level);
        while (entry && level > 0) {
            --level;
            entry = find(entry->target, address, level);
        }
        return entry ? std::optional{entry->target} : std::nullopt;
    }

private:
    struct Table {
        bool is_stolen = false;
        std::map<std::uint64_t, Entry> entries{};
    };
    [[nodiscard]] Table& at(std::uint64_t table) { return tables_.at(table / 0x1000 - 1); }
    [[nodiscard]] const Table& at(std::uint64_t table) const { return tables_.at(table / 0x1000 - 1); }

    std::vector<Table> tables_;
    std::vector<std::uint64_t> free_;
};

/// What is remembered for one PCID (Intel SDM vol. 3A, 4.10.2 and 4.10.3).
struct Remembered {
    std::map<std::uint64_t, std::uint64_t> pages;
    /// Paging-structure caches: by the part of the address that leads to an entry, the table which that names. An entry of
    /// level 1 leads to a page table, whose level is 0; there is no cache of level 0.
    std::array<std::map<std::uint64_t, std::uint64_t>, top_level + 1> tables;

    void forget(std::uint64_t address) {
        pages.erase(address);
        for (unsigned level = 1; level <= top_level; ++level) {
            tables[level].erase(part(address, level));
        }
    }
};

struct Processor {
    Memory memory;
    /// CR4.PCIDE and CR4.PGE.
    bool has_pcids = false;
    bool has_global_pages = false;
    std::uint64_t cr3 = 0;
    std::map<std::uint64_t, Remembered> remembered;
    /// Global translations: of no PCID.
    std::map<std::uint64_t, std::uint64_t> global;

    [[nodiscard]] std::uint64_t context() const { return has_pcids ? cr3 & pcid_bits : 0; }
    [[nodiscard]] std::uint64_t root() const { return cr3 & ~pcid_bits; }

    /// MOV to CR3.
    void load(std::uint64_t word) {
        CHECK(has_pcids || (word & (keep | pcid_bits)) == 0);  // reserved: a general-protection fault, or other caching
        cr3 = word & ~keep;
        CHECK(memory.is_table(root()));
        if ((word & keep) == 0) {
            remembered[context()] = Remembered{};
        }
    }
    /// INVLPG. Intel's processors drop all paging structures that they remember for the PCID; the kernel relies on no more
    /// than those on the way to the address.
    void forget_everywhere(std::uint64_t address) {
        global.erase(address);
        remembered[context()].forget(address);
    }

    /// Remembers all that it may about an address: also what it comes by through structures that are remembered, and also
    /// while a program does something else altogether.
    void remember(std::uint64_t address) {
        const Remembered before = remembered[context()];
        remember_from(root(), address, top_level);
        for (unsigned level = 1; level <= top_level; ++level) {
            const auto& known = before.tables[level];
            if (const auto found = known.find(part(address, level)); found != known.end()) {
                remember_from(found->second, address, level - 1);
            }
        }
    }

    /// All that an access to an address may come by.
    [[nodiscard]] std::set<std::optional<std::uint64_t>> possible(std::uint64_t address) {
        const Remembered& known = remembered[context()];
        std::set<std::optional<std::uint64_t>> found{memory.walk(root(), address)};
        for (const auto* translations : {&std::as_const(global), &known.pages}) {
            if (const auto page = translations->find(address); page != translations->end()) {
                found.insert(page->second);
            }
        }
        for (unsigned level = 1; level <= top_level; ++level) {
            if (const auto table = known.tables[level].find(part(address, level)); table != known.tables[level].end()) {
                found.insert(memory.walk(table->second, address, level - 1));
            }
        }
        return found;
    }

private:
    void remember_from(std::uint64_t table, std::uint64_t address, unsigned level) {
        Remembered& known = remembered[context()];
        std::optional<Entry> entry = memory.find(table, address, level);
        for (; entry && level > 0; entry = memory.find(entry->target, address, level)) {
            known.tables[level].try_emplace(part(address, level), entry->target);
            --level;
        }
        if (entry) {
            (entry->is_global && has_global_pages ? global : known.pages).try_emplace(address, entry->target);
        }
    }
};

}  // namespace processor_model
