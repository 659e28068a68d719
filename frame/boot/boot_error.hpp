// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <expected>

#include <frame/text.hpp>

namespace frame::boot {

/// Why the machine cannot be started: what is wrong, where, and what to do about it. Printed as it is, then the kernel
/// stops.
struct BootError {
    Text<240> message{};
};

template <typename T>
using Result = std::expected<T, BootError>;

template <typename... Parts>
[[nodiscard]] std::unexpected<BootError> failure(const Parts&... parts) {
    BootError error;
    error.message.add(parts...);
    return std::unexpected<BootError>{error};
}

}  // namespace frame::boot
