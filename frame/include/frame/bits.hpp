// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace frame {

/// A word with `count` low bits set; `count` is 0 to 64.
[[nodiscard]] constexpr std::uint64_t low_mask(std::uint64_t count) {
    return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// `1 << exponent` for 0 <= exponent < 64; 0 for larger exponents, where C++ would leave the shift undefined.
[[nodiscard]] constexpr std::uint64_t power_of_two(std::uint64_t exponent) {
    return exponent >= 64 ? 0 : std::uint64_t{1} << exponent;
}

/// `value >> count`, and 0 when `count` is 64 or more.
[[nodiscard]] constexpr std::uint64_t shift_right(std::uint64_t value, std::uint64_t count) {
    return count >= 64 ? 0 : value >> count;
}

/// `value << count`, and 0 when `count` is 64 or more.
[[nodiscard]] constexpr std::uint64_t shift_left(std::uint64_t value, std::uint64_t count) {
    return count >= 64 ? 0 : value << count;
}

[[nodiscard]] constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t bits) {
    return value & ~low_mask(bits);
}

/// Rounds up to a multiple of `1 << bits`; wraps to 0 beyond the last multiple, as unsigned arithmetic does.
[[nodiscard]] constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t bits) {
    return align_down(value + low_mask(bits), bits);
}

[[nodiscard]] constexpr bool is_aligned(std::uint64_t value, std::uint64_t bits) {
    return (value & low_mask(bits)) == 0;
}

/// A run of bits in a word: the one place where a layout's shift and width are written.
template <unsigned shift, unsigned width>
struct Field {
    static_assert(width >= 1 && shift + width <= 64);
    static constexpr std::uint64_t max = low_mask(width);
    static constexpr std::uint64_t mask = max << shift;

    [[nodiscard]] static constexpr std::uint64_t get(std::uint64_t word) { return (word >> shift) & max; }
    [[nodiscard]] static constexpr std::uint64_t set(std::uint64_t word, std::uint64_t value) {
        return (word & ~mask) | ((value & max) << shift);
    }
    [[nodiscard]] static constexpr std::uint64_t make(std::uint64_t value) { return (value & max) << shift; }
};

}  // namespace frame
