// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include <frame/phase.hpp>
#include <frame/text.hpp>

namespace frame {

/// The kernel's console: the debug serial port, if there is one. Where the preset does not print, kernel code does not
/// call it; boot errors and panics always do.
class Console {
public:
    constexpr explicit Console(const Birth&) {}
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    /// Prints text, characters, unsigned numbers (decimal) and `hex` numbers, one after the other.
    template <class... Item>
    void print(const Item&... items) {
        (write(items), ...);
    }

private:
    void write(std::string_view text);
    [[gnu::noinline]] void write(const char* text);
    void write(char character);
    void write(Hex number);
    template <std::unsigned_integral Number>
        requires(!std::same_as<Number, bool>)
    void write(Number number) {
        write_decimal(number);
    }
    void write_decimal(std::uint64_t number);
};

[[nodiscard]] inline Console& console(const Phase& phase [[clang::lifetimebound]]) { return phase.state<Console>(); }

}  // namespace frame
