// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <expected>

#include <frame/text.hpp>

namespace frame::boot {

/// Why the machine cannot be started: what is wrong, where, and what to do about it. Printed as it is, then the kernel
/// stops.
struct BootError {
    template <typename... Parts>
    explicit BootError(const Parts&... parts) : message(parts...) {}

    Text<240> message;
};

template <typename T>
using Result = std::expected<T, BootError>;

template <typename... Parts>
[[nodiscard]] std::unexpected<BootError> failure(const Parts&... parts) {
    return std::unexpected<BootError>{std::in_place, parts...};
}

}  // namespace frame::boot
