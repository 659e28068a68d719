// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "frame/boot/symbol_table.hpp"

namespace frame::x86_64 {

/// The function of this kernel that `address` lies in; an empty name if it is unknown or the image has no names.
[[nodiscard]] boot::Symbol find_symbol(std::uint64_t address);

}  // namespace frame::x86_64
