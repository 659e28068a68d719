// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame::detail {

/// Stops the kernel at this instruction, which the processor does not know; the handler of the exception reports what the
/// table of reports says of its address. A check that fails costs two bytes of code so, and one that holds keeps no
/// register and no stack frame for a call. `what` and `file` (null: `what` says it) are NUL-terminated strings in
/// read-only data.
///
/// An entry of the table (section .reports; frame/x86_64/reports.cpp reads it) has four numbers of 32 bits: where the
/// instruction, `what` and `file` lie, counted from the number itself, and the line.
[[noreturn, gnu::always_inline, gnu::no_sanitize("unreachable")]] inline void stop_here(const char* what,
                                                                                        const char* file,
                                                                                        unsigned line) {
    // SAFETY: changes nothing but the table, and does not return. "i": the callers pass constants, and this is inlined.
    asm volatile(
        "1: ud2\n\t"
        ".pushsection .reports, \"aw\", @progbits\n\t"
        ".long 1b - ., %c0 - ., %c1 - ., %c2\n\t"
        ".popsection"
        :
        : "i"(what), "i"(file), "i"(line));
    __builtin_unreachable();
}

}  // namespace frame::detail
