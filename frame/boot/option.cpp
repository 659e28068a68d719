// SPDX-License-Identifier: GPL-2.0-only
#include <frame/option.hpp>

namespace frame {
namespace {

/// Everything up to the space separates words, as in seL4: tabs and line ends too.
constexpr bool is_blank(char character) { return static_cast<unsigned char>(character) <= ' '; }

/// The first word of `text`, and what follows it.
struct Words {
    std::string_view first;
    std::string_view rest;
};

Words split(std::string_view text) {
    std::size_t start = 0;
    while (start < text.size() && is_blank(text[start])) {
        ++start;
    }
    std::size_t end = start;
    while (end < text.size() && !is_blank(text[end])) {
        ++end;
    }
    return {text.substr(start, end - start), text.substr(end)};
}

std::optional<unsigned> digit(char character) {
    if (character >= '0' && character <= '9') {
        return static_cast<unsigned>(character - '0');
    }
    if (character >= 'a' && character <= 'f') {
        return static_cast<unsigned>(character - 'a') + 10;
    }
    if (character >= 'A' && character <= 'F') {
        return static_cast<unsigned>(character - 'A') + 10;
    }
    return std::nullopt;
}

}  // namespace

bool has_option(std::string_view line, std::string_view word) {
    for (Words words = split(line); !words.first.empty(); words = split(words.rest)) {
        if (words.first == word) {
            return true;
        }
    }
    return false;
}

std::optional<std::string_view> find_option(std::string_view line, std::string_view name) {
    std::optional<std::string_view> found;
    for (Words words = split(line); !words.first.empty(); words = split(words.rest)) {
        const std::string_view word = words.first;
        if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=') {
            const std::string_view value = word.substr(name.size() + 1);
            found = value.substr(0, value.find(','));
        }
    }
    return found;
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t greatest) {
    unsigned base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char character : text) {
        const auto next = digit(character);
        if (!next || *next >= base || *next > greatest || value > (greatest - *next) / base) {
            return std::nullopt;
        }
        value = value * base + *next;
    }
    return value;
}

}  // namespace frame
