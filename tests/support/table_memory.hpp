// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <frame/detail/table_walk.hpp>
#include "tests/support/test.hpp"

namespace test {

/// Memory for paging structures that records each write and looks at the whole after it: every intermediate state must be
/// one that a processor may walk. Reads and writes outside the tables it was given fail the test.
class TableMemory {
public:
    using Level = frame::detail::Level;

    struct Write {
        std::uint64_t at;
        std::uint64_t word;
        friend bool operator==(const Write&, const Write&) = default;
    };

    /// Adds an empty table of `level`, and returns where it is.
    frame::PhysicalAddress add(Level level) {
        const std::uint64_t start = next_;
        next_ += table_bytes;
        tables_.emplace(start, Table{level, std::vector<std::uint64_t>(frame::detail::entries_per_table, 0)});
        return frame::PhysicalAddress{start};
    }
    /// Takes a table away, as if its memory had been donated to something else.
    void take_away(frame::PhysicalAddress table) { tables_.erase(table.value()); }
    /// From now on, after each write, everything that this root leads to is looked at.
    void watch(frame::PhysicalAddress root) {
        root_ = root.value();
        look();
    }
    /// Sets an entry behind the algorithms' back.
    void plant(std::uint64_t at, std::uint64_t word) { word_at(at) = word; }

    [[nodiscard]] std::uint64_t read(frame::PhysicalAddress at) {
        ++reads;
        return word_at(at.value());
    }
    void write(frame::PhysicalAddress at, std::uint64_t word) {
        word_at(at.value()) = word;
        writes.push_back(Write{at.value(), word});
        look();
    }
    void clear_table(frame::PhysicalAddress table) {
        for (std::uint64_t offset = 0; offset < table_bytes; offset += sizeof(std::uint64_t)) {
            write(table.plus(offset), 0);
        }
    }
    template <Level level>
    void enter(frame::PhysicalAddress table) {
        const auto found = tables_.find(table.value());
        CHECK(found != tables_.end());
        CHECK(found->second.level == level);
    }

    std::vector<Write> writes;
    std::uint64_t reads = 0;

private:
    static constexpr std::uint64_t table_bytes = 4096;
    struct Table {
        Level level;
        std::vector<std::uint64_t> words;
    };

    std::uint64_t& word_at(std::uint64_t at) {
        const auto found = tables_.find(at & ~(table_bytes - 1));
        CHECK(found != tables_.end());
        CHECK_EQUAL(at % sizeof(std::uint64_t), 0U);
        return found->second.words.at(at % table_bytes / sizeof(std::uint64_t));
    }

    /// Everything reachable must be a known table, exactly one level below the one that leads there.
    void look() {
        if (root_ != 0) {
            look<Level::pml4>(root_, frame::detail::user_root_entries);
        }
    }
    template <Level level>
    void look(std::uint64_t table, std::uint64_t entries) {
        enter<level>(frame::PhysicalAddress{table});
        if constexpr (level != Level::page_table) {
            for (std::uint64_t index = 0; index < entries; ++index) {
                const frame::detail::Entry<level> entry{word_at(table + index * sizeof(std::uint64_t))};
                if (entry.is_table()) {
                    look<frame::detail::below<level>>(entry.table().value(), frame::detail::entries_per_table);
                }
            }
        }
    }

    std::map<std::uint64_t, Table> tables_;
    std::uint64_t next_ = 0x10'0000;
    std::uint64_t root_ = 0;
};
static_assert(frame::detail::TableMemory<TableMemory>);

}  // namespace test
