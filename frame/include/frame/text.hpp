// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace frame {

/// A number to be printed in hexadecimal, with 0x and at least `digits` digits.
struct Hex {
    std::uint64_t value;
    unsigned digits = 1;
};

[[nodiscard]] constexpr Hex hex(std::uint64_t value, unsigned digits = 1) { return Hex{value, digits}; }

/// Text built from parts, in place: no heap, no locale. What does not fit is cut off, and the text ends in "...".
///
///     Text<160>("ACPI: MADT entry at offset ", offset, " has length ", hex(length))
template <std::size_t capacity>
class Text {
    static_assert(capacity > 3);

public:
    constexpr Text() = default;

    template <typename... Parts>
        requires(sizeof...(Parts) > 0 && !(sizeof...(Parts) == 1 && (std::same_as<Parts, Text> && ...)))
    constexpr explicit Text(const Parts&... parts) {
        add(parts...);
    }

    /// Appends each part: text, a character, an integer in decimal, or `hex(value)`.
    template <typename... Parts>
    constexpr Text& add(const Parts&... parts) {
        (add_part(parts), ...);
        return *this;
    }

    [[nodiscard]] constexpr std::string_view view() const [[clang::lifetimebound]] {
        return std::string_view{characters_.data(), size_};
    }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool is_empty() const { return size_ == 0; }
    constexpr void clear() { size_ = 0; }

private:
    template <typename Part>
    constexpr void add_part(const Part& part) {
        if constexpr (std::same_as<Part, char>) {
            add_character(part);
        } else if constexpr (std::same_as<Part, Hex>) {
            add_number(part.value, 16, part.digits, "0x");
        } else if constexpr (std::is_integral_v<Part> && std::is_signed_v<Part>) {
            // The magnitude of the most negative value is representable only without a sign.
            const auto bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(part));
            add_number(part < 0 ? 0 - bits : bits, 10, 1, part < 0 ? "-" : "");
        } else if constexpr (std::is_integral_v<Part>) {
            add_number(part, 10, 1, "");
        } else {
            for (const char character : std::string_view{part}) {
                add_character(character);
            }
        }
    }

    constexpr void add_character(char character) {
        if (size_ < capacity) {
            characters_[size_] = character;
            ++size_;
        } else {
            for (std::size_t at = capacity - 3; at < capacity; ++at) {
                characters_[at] = '.';
            }
        }
    }

    constexpr void add_number(std::uint64_t value, unsigned base, unsigned least_digits, std::string_view prefix) {
        std::array<char, std::numeric_limits<std::uint64_t>::digits> reversed{};
        std::size_t count = 0;
        do {
            reversed[count] = std::string_view{"0123456789abcdef"}[value % base];
            value /= base;
            ++count;
        } while (value != 0 || (count < least_digits && count < reversed.size()));
        for (const char character : prefix) {
            add_character(character);
        }
        for (; count != 0; --count) {
            add_character(reversed[count - 1]);
        }
    }

    std::array<char, capacity> characters_{};
    std::size_t size_ = 0;
};

} // namespace frame
