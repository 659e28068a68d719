// SPDX-License-Identifier: GPL-2.0-only
#include <frame/text.hpp>

#include <limits>

namespace frame {

void TextTail::append(std::string_view text) {
    for (const char character : text) {
        if (size_ == buffer_.size()) {
            for (char& last : buffer_.last(3)) {
                last = '.';
            }
            return;
        }
        buffer_[size_] = character;
        ++size_;
    }
}

void TextTail::append(const char* text) { append(std::string_view{text}); }

void TextTail::append(char character) { append(std::string_view{&character, 1}); }

void TextTail::append(Hex number) {
    append("0x");
    append_number(number.value, 16, number.digits);
}

void TextTail::append_signed(std::int64_t number) {
    if (number < 0) {
        append('-');
    }
    append_unsigned(number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number));
}

void TextTail::append_unsigned(std::uint64_t number) { append_number(number, 10, 1); }

void TextTail::append_number(std::uint64_t value, unsigned base, std::uint32_t least_digits) {
    std::array<char, std::numeric_limits<std::uint64_t>::digits> digits{};
    std::size_t first = digits.size();
    do {
        --first;
        digits[first] = std::string_view{"0123456789abcdef"}[value % base];
        value /= base;
    } while (first != 0 && (value != 0 || digits.size() - first < least_digits));
    append(std::string_view{digits.data(), digits.size()}.substr(first));
}

}  // namespace frame
