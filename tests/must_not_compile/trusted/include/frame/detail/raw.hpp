// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace frame::detail {

inline std::uint64_t secret = 0;

template <typename T> T* pointer_from(std::uint64_t address, T* fallback) {
    return address == 0 ? fallback : reinterpret_cast<T*>(address);
}

} // namespace frame::detail
