// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

/// Marks: instructions that do nothing but name a number, for tools outside that count what the kernel executes
/// (tools/stats). A kernel has them only if it was built with ANTIMONO_STATS; others are the same as without this header.
namespace frame {

#ifdef ANTIMONO_STATS
inline constexpr bool has_marks = true;
#else
inline constexpr bool has_marks = false;
#endif

/// Passes the mark `name`, an enumerator below 256.
template <auto name>
void mark() {
    constexpr auto number = static_cast<std::uint32_t>(name);
    static_assert(number < 256);
    if constexpr (has_marks) {
        // SAFETY: a NOP, whose address is never computed (Intel SDM vol. 2B, NOP): it reads and changes nothing.
        asm volatile("nopl %c0(%%rax,%%rax)" ::"i"(0x4d51'0000 + number));
    }
}

}  // namespace frame
