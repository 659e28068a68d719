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

boot::Symbol find_symbol(std::uint64_t address) {
    // SAFETY: pointers to integers only.
    const auto text_start = reinterpret_cast<std::uint64_t>(frame_text_start);
    const auto text_end = reinterpret_cast<std::uint64_t>(frame_text_end);
    if (address >= text_end) {
        return {};
    }
    // SAFETY: the linker script puts both symbols around the section, start first.
    const boot::ByteReader table{std::span{frame_symbols_start, frame_symbols_end}};
    return boot::find_symbol(table, text_start, address);
}

}  // namespace frame::x86_64
