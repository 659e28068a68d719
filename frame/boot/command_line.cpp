// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/command_line.hpp"

namespace frame::boot {
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

/// A decimal number, or a hexadecimal one after 0x, up to `greatest`.
std::optional<std::uint32_t> number(std::string_view text, std::uint32_t greatest) {
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
        if (!next || *next >= base) {
            return std::nullopt;
        }
        value = value * base + *next;
        if (value > greatest) {
            return std::nullopt;
        }
    }
    return static_cast<std::uint32_t>(value);
}

/// Stores the value of `word` if it is `name=value`.
template <typename Target>
Result<void> read_option(std::string_view word, std::string_view name, std::uint32_t greatest, Target& target) {
    if (!word.starts_with(name) || word.size() == name.size() || word[name.size()] != '=') {
        return {};
    }
    std::string_view text = word.substr(name.size() + 1);
    // seL4 reads a list here and uses its first element.
    text = text.substr(0, text.find(','));
    const auto value = number(text, greatest);
    if (!value) {
        return failure("command line: '", word, "': expected a number up to ", hex(greatest), ", for example ", name,
                       "=0x3f8");
    }
    if constexpr (std::is_integral_v<Target>) {
        target = static_cast<Target>(*value);
    } else {
        target = static_cast<typename Target::value_type>(*value);
    }
    return {};
}

}  // namespace

Result<CommandLine> read_command_line(std::string_view text) {
    CommandLine line;
    for (Words words = split(text); !words.first.empty(); words = split(words.rest)) {
        const std::string_view word = words.first;
        Result<void> read = read_option(word, "console_port", 0xffff, line.console_port);
        if (read) {
            read = read_option(word, "debug_port", 0xffff, line.debug_port);
        }
        if (read) {
            read = read_option(word, "max_num_nodes", 0xffff'ffff, line.max_num_nodes);
        }
        if (read) {
            read = read_option(word, "debug_exit", 0xffff, line.debug_exit);
        }
        if (!read) {
            return std::unexpected{read.error()};
        }
        line.disable_iommu = line.disable_iommu || word == "disable_iommu";
    }
    return line;
}

}  // namespace frame::boot
