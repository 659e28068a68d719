// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace frame {

/// A number to be printed in hexadecimal, with 0x and at least `digits` digits.
struct Hex {
    std::uint64_t value;
    std::uint32_t digits = 1;
};

[[nodiscard]] constexpr Hex hex(std::uint64_t value, std::uint32_t digits = 1) { return Hex{value, digits}; }

/// One piece of a message: text, a character, an integer in decimal, or `hex(value)`.
class TextPart {
public:
    template <std::convertible_to<std::string_view> T>
    constexpr explicit TextPart(const T& text) : TextPart{Kind::text, 0, 0, text} {}
    constexpr explicit TextPart(char character)
        : TextPart{Kind::character, static_cast<unsigned char>(character), 0, {}} {}
    template <std::integral T>
    constexpr explicit TextPart(T number)
        : TextPart{std::signed_integral<T> ? Kind::signed_decimal : Kind::unsigned_decimal,
                   static_cast<std::uint64_t>(static_cast<std::int64_t>(number)),
                   0,
                   {}} {}
    constexpr explicit TextPart(std::uint64_t number) : TextPart{Kind::unsigned_decimal, number, 0, {}} {}
    constexpr explicit TextPart(Hex number) : TextPart{Kind::hexadecimal, number.value, number.digits, {}} {}

    /// Appends to the first `size` characters of `buffer`; returns the new size. What does not fit is cut off, and the
    /// text then ends in "...".
    [[nodiscard]] std::size_t append_to(std::span<char> buffer, std::size_t size) const;

private:
    enum class Kind : std::uint32_t { text, character, signed_decimal, unsigned_decimal, hexadecimal };

    constexpr TextPart(Kind kind, std::uint64_t value, std::uint32_t digits, std::string_view text)
        : text_{text},
          value_{value},
          kind_{kind},
          digits_{digits} {}

    std::string_view text_;
    std::uint64_t value_;
    Kind kind_;
    std::uint32_t digits_;
};

/// Appends all parts, as TextPart::append_to does.
[[nodiscard]] std::size_t append_parts(std::span<char> buffer, std::size_t size, std::span<const TextPart> parts);

/// Text built from parts, in place: no heap, no locale. What does not fit is cut off, and the text ends in "...".
///
///     Text<160>{"ACPI: MADT entry at offset ", offset, " has length ", hex(length)}
template <std::size_t capacity>
class Text {
    static_assert(capacity > 3);

public:
    constexpr Text() = default;

    template <typename... Parts>
        requires(sizeof...(Parts) > 0 && (std::constructible_from<TextPart, const Parts&> && ...))
    explicit Text(const Parts&... parts) {
        add(parts...);
    }

    template <typename... Parts>
        requires(std::constructible_from<TextPart, const Parts&> && ...)
    Text& add(const Parts&... parts) {
        const std::array<TextPart, sizeof...(Parts)> list{TextPart{parts}...};
        size_ = append_parts(characters_, size_, list);
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
