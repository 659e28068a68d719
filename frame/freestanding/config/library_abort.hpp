// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame {

/// The end of what libc++ cannot do without exceptions, the value of an empty optional for instance: panics with the
/// message, registers and backtrace. Always a bug of the kernel. `message` is NUL-terminated.
[[noreturn, gnu::cold]] void library_abort(const char* message) noexcept;

}  // namespace frame
