// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace frame::boot {

/// Reads little-endian numbers, strings and parts from a run of bytes. Every access is checked against the end: what
/// lies beyond is an empty answer, never a read.
class ByteReader {
public:
    constexpr ByteReader() = default;
    constexpr explicit ByteReader(std::span<const std::byte> bytes) : bytes_{bytes} {}

    [[nodiscard]] constexpr std::uint64_t size() const { return bytes_.size(); }
    [[nodiscard]] constexpr std::span<const std::byte> bytes() const { return bytes_; }

    /// The number of sizeof(T) bytes at `offset`.
    template <std::unsigned_integral T>
    [[nodiscard]] constexpr std::optional<T> number(std::uint64_t offset) const {
        const auto part = this->part(offset, sizeof(T));
        if (!part) {
            return std::nullopt;
        }
        T value = 0;
        for (std::size_t index = sizeof(T); index != 0; --index) {
            const auto byte = std::to_integer<std::uint64_t>(part->bytes_[index - 1]);
            value = static_cast<T>((std::uint64_t{value} << 8) | byte);
        }
        return value;
    }

    /// The `size` bytes at `offset`.
    [[nodiscard]] constexpr std::optional<ByteReader> part(std::uint64_t offset, std::uint64_t size) const {
        if (offset > bytes_.size() || size > bytes_.size() - offset) {
            return std::nullopt;
        }
        return ByteReader{bytes_.subspan(offset, size)};
    }

    /// The bytes from `offset` to the end.
    [[nodiscard]] constexpr std::optional<ByteReader> from(std::uint64_t offset) const {
        return offset > bytes_.size() ? std::nullopt : part(offset, bytes_.size() - offset);
    }

    /// The characters at `offset` up to a NUL, without it; up to the end if there is none.
    [[nodiscard]] std::string_view text(std::uint64_t offset) const {
        const auto rest = from(offset);
        if (!rest) {
            return {};
        }
        std::size_t length = 0;
        while (length < rest->bytes_.size() && rest->bytes_[length] != std::byte{0}) {
            ++length;
        }
        // SAFETY: char may alias any object; the length was counted within the bytes.
        return std::string_view{reinterpret_cast<const char*>(rest->bytes_.data()), length};
    }

    /// Whether the bytes at `offset` are exactly `expected`.
    [[nodiscard]] constexpr bool has_text(std::uint64_t offset, std::string_view expected) const {
        const auto part = this->part(offset, expected.size());
        if (!part) {
            return false;
        }
        for (std::size_t index = 0; index < expected.size(); ++index) {
            if (std::to_integer<unsigned char>(part->bytes_[index]) != static_cast<unsigned char>(expected[index])) {
                return false;
            }
        }
        return true;
    }

    /// Copies the bytes to the beginning of `target`, as far as there is room.
    constexpr void copy_to(std::span<std::byte> target) const {
        const std::size_t count = std::min(target.size(), bytes_.size());
        for (std::size_t index = 0; index < count; ++index) {
            target[index] = bytes_[index];
        }
    }

    /// The sum of all bytes modulo 256, which is 0 for an intact ACPI structure.
    [[nodiscard]] constexpr std::uint8_t sum() const {
        std::uint8_t total = 0;
        for (const std::byte byte : bytes_) {
            total = static_cast<std::uint8_t>(total + std::to_integer<std::uint8_t>(byte));
        }
        return total;
    }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace frame::boot
