// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

#ifndef FRAME_HOST
#include <stop_here.hpp>
#endif

namespace frame {

/// A message written in the source.
class Message {
public:
    explicit(false) consteval Message(const char* text) : text_{text} {}
    [[nodiscard]] constexpr const char* text() const { return text_; }

private:
    const char* text_;
};

/// A place in the source; as a default argument, the caller's. Not std::source_location, which drags in the function's
/// name: the backtrace has that.
class SourcePlace {
public:
    static consteval SourcePlace current(const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) {
        return SourcePlace{file, line};
    }
    [[nodiscard]] constexpr const char* file() const { return file_; }
    [[nodiscard]] constexpr std::uint32_t line() const { return line_; }

private:
    consteval SourcePlace(const char* file, std::uint32_t line) : file_{file}, line_{line} {}

    const char* file_;
    std::uint32_t line_;
};

/// Stops the kernel with a message: an invariant of the kernel itself is broken. Never the answer to user input.
#ifdef FRAME_HOST
[[noreturn]] void panic(Message what, SourcePlace where = SourcePlace::current());
#else
[[noreturn, gnu::always_inline]] inline void panic(Message what, SourcePlace where = SourcePlace::current()) {
    detail::stop_here(what.text(), where.file(), where.line());
}
#endif

/// Stops because the machine, or what the boot loader passed, cannot be used: prints the message, which says all there is
/// to say. Only while booting.
[[noreturn]] void stop_boot(std::string_view message);

/// Stops the kernel unless `holds`. Always compiled in: use it where a wrong answer could break memory safety. Only the
/// kernel that tells what checks cost has none (`antimono bench --hardening`; cmake/KernelFlags.cmake).
[[gnu::always_inline]] constexpr void check([[maybe_unused]] bool holds, [[maybe_unused]] Message what,
                                            [[maybe_unused]] SourcePlace where = SourcePlace::current()) {
#ifndef FRAME_MEASURED_WITHOUT_CHECKS
    if (!holds) [[unlikely]] {
        panic(what, where);
    }
#endif
}

/// True in builds that verify every reference at every use (the host backend).
#ifdef FRAME_CHECKED
inline constexpr bool checked = true;
#else
inline constexpr bool checked = false;
#endif

/// Like `check`, but only in checked builds: for what the kernel's structure already guarantees.
constexpr void verify(bool holds, Message what, SourcePlace where = SourcePlace::current()) {
    if constexpr (checked) {
        check(holds, what, where);
    }
}

}  // namespace frame
