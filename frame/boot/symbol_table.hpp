// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#include "frame/boot/byte_reader.hpp"

namespace frame::boot {

/// A function of the kernel and how far into it an address points.
struct Symbol {
    std::string_view name{};
    std::uint64_t offset = 0;
};

/// The function that `address` lies in; an empty name if it is unknown or the image has no names.
///
/// The table in section .symbols, written after linking by finish_image.py, little-endian:
///
///     "SYMS"  count  then count times (function's offset from frame_text_start, offset of its name in the table),
///             ascending by function, each number 32 bits; then the names, each ended by a NUL.
[[nodiscard]] Symbol find_symbol(const ByteReader& table, std::uint64_t text_start, std::uint64_t address);

}  // namespace frame::boot
