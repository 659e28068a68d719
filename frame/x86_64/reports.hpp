// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>

namespace frame::x86_64 {

/// What a check of the kernel's says when it fails.
struct Report {
    std::string_view what{};
    std::string_view file{};  ///< empty: `what` names it
    std::uint32_t line = 0;
};

/// The report of the check that ends in the instruction at `address` (stop_here.hpp); an empty one if there is none.
[[nodiscard]] Report find_report(std::uint64_t address);

}  // namespace frame::x86_64
