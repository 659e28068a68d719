// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Options on the kernel's command line: words separated by blanks, some of the form `name=value`.
namespace frame {

/// Whether the line has this word.
[[nodiscard]] bool has_option(std::string_view line, std::string_view word);

/// The value of the last word `name=value`, up to its first comma (seL4 reads lists, and uses their first element);
/// nothing if there is no such word.
[[nodiscard]] std::optional<std::string_view> find_option(std::string_view line [[clang::lifetimebound]],
                                                          std::string_view name);

/// A decimal number, or a hexadecimal one after 0x, up to `greatest`.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t greatest);

}  // namespace frame
