// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>

#include <frame/boot_description.hpp>

#include "frame/boot/boot_error.hpp"

namespace frame::boot {

/// Disjoint ranges of RAM, in ascending order, whole pages.
using RamList = BoundedList<PhysicalRange, 64>;

/// RAM below this address is left to firmware and handed out as device memory, as seL4 does.
inline constexpr PhysicalAddress first_usable{0x10'0000};

/// The RAM that the kernel may use: from 1 MiB up to `limit`, whole pages, without what any other line of the firmware's
/// map claims, adjacent ranges joined. Lines may come in any order and overlap. `limit` is page-aligned.
[[nodiscard]] Result<void> usable_ram(const BootDescription& description, PhysicalAddress limit, RamList& list);

/// By insertion: the lists are short and mostly in order, and code is small.
void sort_by_start(std::span<PhysicalRange> ranges);

/// Refuses modules that do not lie in RAM, or overlap the kernel image or one another.
[[nodiscard]] Result<void> check_modules(const BootDescription& description, const RamList& ram, PhysicalRange image);

/// The end of the highest RAM: how far the kernel window must reach.
[[nodiscard]] PhysicalAddress end_of_ram(const RamList& ram);

}  // namespace frame::boot
