// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <source_location>
#include <string_view>

namespace frame {

/// Stops the kernel with a message: an invariant of the kernel itself is broken. Never the answer to user input.
[[noreturn]] void panic(std::string_view what, std::source_location where = std::source_location::current());

/// Stops because the machine, or what the boot loader passed, cannot be used: prints the message, which says all there is
/// to say. Only while booting.
[[noreturn]] void stop_boot(std::string_view message);

/// A message written in the source. The compiler measures it: freestanding code would call strlen for each literal, at
/// every check that holds.
class Message {
public:
    explicit(false) consteval Message(const char* text) : text_{text} {}
    explicit(false) consteval Message(std::string_view text) : text_{text} {}
    [[nodiscard]] constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

/// Stops the kernel unless `holds`. Always compiled in: use it where a wrong answer could break memory safety.
constexpr void check(bool holds, Message what, std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]] {
        panic(what.text(), where);
    }
}

/// True in builds that verify every reference at every use (the host backend).
#ifdef FRAME_CHECKED
inline constexpr bool checked = true;
#else
inline constexpr bool checked = false;
#endif

/// Like `check`, but only in checked builds: for what the kernel's structure already guarantees.
constexpr void verify(bool holds, Message what, std::source_location where = std::source_location::current()) {
    if constexpr (checked) {
        check(holds, what, where);
    }
}

}  // namespace frame
