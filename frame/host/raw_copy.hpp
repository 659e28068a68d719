// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

namespace frame::host {

/// Copies bytes that AddressSanitizer would not let through: poisoned memory, its own shadow, variables with red zones.
[[gnu::no_sanitize("address")]] inline void raw_copy(void* to, const void* from, std::size_t bytes) {
    // SAFETY: the machine's own copy, which no sanitizer sees; callers name memory that is mapped and theirs.
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

}  // namespace frame::host
