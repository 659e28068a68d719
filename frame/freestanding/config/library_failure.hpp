// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame {

/// Called when a check of the standard library fails: an index out of bounds, the value of an empty optional, and so
/// on. Always a bug of the kernel, never the user's doing.
///
/// Each backend defines it (the machine: panic with registers and backtrace; the host: message and abort).
/// `message` is a NUL-terminated string in read-only data that names file, line and the failed condition.
[[noreturn, gnu::cold]] void library_failure(const char* message) noexcept;

}  // namespace frame
