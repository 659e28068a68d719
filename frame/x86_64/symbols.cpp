// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/symbols.hpp"

// SAFETY: defined in kernel.ld; the bytes between the last two are the table.
extern "C" {
extern const char frame_text_start[];
extern const char frame_text_end[];
extern const std::byte frame_symbols_start[];
extern const std::byte frame_symbols_end[];
}

namespace frame::x86_64 {

Symbol find_symbol(const boot::ByteReader& table, std::uint64_t text_start, std::uint64_t address) {
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

Symbol find_symbol(std::uint64_t address) {
    // SAFETY: pointers to integers only.
    const auto text_start = reinterpret_cast<std::uint64_t>(frame_text_start);
    const auto text_end = reinterpret_cast<std::uint64_t>(frame_text_end);
    if (address >= text_end) {
        return {};
    }
    // SAFETY: the linker script puts both symbols around the section, start first.
    const boot::ByteReader table{std::span{frame_symbols_start, frame_symbols_end}};
    return find_symbol(table, text_start, address);
}

}  // namespace frame::x86_64
