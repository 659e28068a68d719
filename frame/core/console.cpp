// SPDX-License-Identifier: GPL-2.0-only
#include <frame/console.hpp>

#include <frame/detail/backend.hpp>

namespace frame {

void Console::write(char character) {
    if (character == '\n') {
        backend::console_put('\r');
    }
    backend::console_put(character);
}

void Console::write(std::string_view text) {
    for (const char character : text) {
        write(character);
    }
}

void Console::write(const char* text) { write(std::string_view{text}); }

void Console::write(Hex number) {
    write("0x");
    unsigned shift = 60;
    while (shift > 0 && (number.value >> shift) == 0) {
        shift -= 4;
    }
    while (true) {
        // SAFETY: the mask keeps the index below 16.
        write("0123456789abcdef"[(number.value >> shift) & 0xf]);
        if (shift == 0) {
            return;
        }
        shift -= 4;
    }
}

void Console::write_decimal(std::uint64_t number) {
    std::uint64_t power = 1;
    while (number / power >= 10) {
        power *= 10;
    }
    for (; power > 0; power /= 10) {
        // SAFETY: a remainder of 10 is below 10.
        write("0123456789"[number / power % 10]);
    }
}

void stop_boot(std::string_view message) { backend::stop_boot(message); }

}  // namespace frame
