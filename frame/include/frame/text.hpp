// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace frame {

/// A number to be printed in hexadecimal, with 0x and at least `digits` digits.
struct Hex {
    std::uint64_t value;
    std::uint32_t digits = 1;
};

[[nodiscard]] constexpr Hex hex(std::uint64_t value, std::uint32_t digits = 1) { return Hex{value, digits}; }

/// The first `size` characters of a buffer, which grow. What does not fit is cut off, and the text then ends in "...".
class TextTail {
public:
    TextTail(std::span<char> buffer [[clang::lifetimebound]], std::size_t size) : buffer_{buffer}, size_{size} {}

    void append(std::string_view text);
    /// A literal: measured here, not at each place that prints it.
    [[gnu::noinline]] void append(const char* text);
    void append(char character);
    void append(Hex number);
    /// In decimal.
    template <std::integral Number>
    void append(Number number) {
        if constexpr (std::signed_integral<Number>) {
            append_signed(number);
        } else {
            append_unsigned(number);
        }
    }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    void append_signed(std::int64_t number);
    void append_unsigned(std::uint64_t number);
    void append_number(std::uint64_t value, unsigned base, std::uint32_t least_digits);

    std::span<char> buffer_;
    std::size_t size_;
};

/// Text built from parts, in place: no heap, no locale. What does not fit is cut off, and the text ends in "...".
///
///     Text<160>{"ACPI: MADT entry at offset ", offset, " has length ", hex(length)}
template <std::size_t capacity>
class Text {
    static_assert(capacity > 3);

public:
    constexpr Text() = default;

    /// Each part is text, a character, an integer or `hex(value)`.
    template <typename... Parts>
        requires(sizeof...(Parts) > 0)
    explicit Text(const Parts&... parts) {
        add(parts...);
    }

    template <typename... Parts>
    Text& add(const Parts&... parts) {
        TextTail tail{characters_, size_};
        (tail.append(parts), ...);
        size_ = tail.size();
        return *this;
    }

    [[nodiscard]] constexpr std::string_view view() const [[clang::lifetimebound]] {
        return std::string_view{characters_.data(), size_};
    }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool is_empty() const { return size_ == 0; }
    constexpr void clear() { size_ = 0; }

private:
    std::array<char, capacity> characters_{};
    std::size_t size_ = 0;
};

}  // namespace frame
