// SPDX-License-Identifier: GPL-2.0-only
#include <frame/text.hpp>

#include <limits>

namespace frame {
namespace {

std::size_t append(std::span<char> buffer, std::size_t size, std::string_view text) {
    for (const char character : text) {
        if (size == buffer.size()) {
            for (char& last : buffer.last(3)) {
                last = '.';
            }
            return size;
        }
        buffer[size] = character;
        ++size;
    }
    return size;
}

std::size_t append_number(std::span<char> buffer, std::size_t size, std::uint64_t value, unsigned base,
                          std::uint32_t least_digits) {
    std::array<char, std::numeric_limits<std::uint64_t>::digits> digits{};
    std::size_t first = digits.size();
    do {
        --first;
        digits[first] = std::string_view{"0123456789abcdef"}[value % base];
        value /= base;
    } while (first != 0 && (value != 0 || digits.size() - first < least_digits));
    return append(buffer, size, std::string_view{digits.data(), digits.size()}.substr(first));
}

}  // namespace

std::size_t TextPart::append_to(std::span<char> buffer, std::size_t size) const {
    switch (kind_) {
    case Kind::text:
        return append(buffer, size, text_);
    case Kind::character: {
        const char character = static_cast<char>(value_);
        return append(buffer, size, std::string_view{&character, 1});
    }
    case Kind::signed_decimal:
        if (static_cast<std::int64_t>(value_) < 0) {
            return append_number(buffer, append(buffer, size, "-"), 0 - value_, 10, 1);
        }
        return append_number(buffer, size, value_, 10, 1);
    case Kind::unsigned_decimal:
        return append_number(buffer, size, value_, 10, 1);
    case Kind::hexadecimal:
        return append_number(buffer, append(buffer, size, "0x"), value_, 16, digits_);
    }
    return size;
}

std::size_t append_parts(std::span<char> buffer, std::size_t size, std::span<const TextPart> parts) {
    for (const TextPart& part : parts) {
        size = part.append_to(buffer, size);
    }
    return size;
}

}  // namespace frame
