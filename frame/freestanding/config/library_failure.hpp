// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <stop_here.hpp>

namespace frame {

/// Called when a check of the standard library fails: an index out of bounds, the value of an empty optional, and so
/// on. Always a bug of the kernel, never the user's doing. `message`, a literal, names file, line and the failed condition.
[[noreturn, gnu::always_inline]] inline void library_failure(const char* message) noexcept {
    detail::stop_here(message, "", 0);
}

}  // namespace frame
