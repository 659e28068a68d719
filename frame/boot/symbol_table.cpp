// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/symbol_table.hpp"

namespace frame::boot {

Symbol find_symbol(const ByteReader& table, std::uint64_t text_start, std::uint64_t address) {
    constexpr std::uint64_t header_size = 8;
    constexpr std::uint64_t entry_size = 8;
    if (!table.has_text(0, "SYMS") || address < text_start) {
        return {};
    }
    const std::uint64_t wanted = address - text_start;
    std::uint64_t low = 0;
    std::uint64_t high = table.number<std::uint32_t>(4).value_or(0);
    while (low < high) {  // entries below low start at or before the address, those from high on after it
        const std::uint64_t middle = (low + high) / 2;
        if (table.number<std::uint32_t>(header_size + middle * entry_size).value_or(0) <= wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return {};
    }
    const std::uint64_t entry = header_size + (low - 1) * entry_size;
    return {table.text(table.number<std::uint32_t>(entry + 4).value_or(0)),
            wanted - table.number<std::uint32_t>(entry).value_or(0)};
}

}  // namespace frame::boot
