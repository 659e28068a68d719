// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>

#include <frame/address.hpp>

#include "frame/x86_64/layout.hpp"

namespace frame::x86_64 {

/// Builds the kernel's half of all address spaces (layout.hpp) and switches to it. Physical memory up to 4 GiB is mapped;
/// `extend_window` adds the rest once the memory map is known. Runs once, before anything uses the window.
void build_kernel_window();

/// Decides how the core switches between address spaces (roots.hpp): with page-table isolation where the processor needs
/// it or `isolation_on` asks for it, without it by global pages, and with process-context identifiers unless `pcid_off`
/// forbids them. Runs once: the loader's command line is read through the window, so after `build_kernel_window`, and
/// before `seal_kernel_window` and any user address space.
void choose_roots(bool isolation_on, bool pcid_off);

/// Maps physical memory from where the window ends up to `end`, in the units that the processor allows.
void extend_window(PhysicalAddress end);

/// Physical memory below this address is mapped.
[[nodiscard]] PhysicalAddress end_of_window();

/// Maps a page of device registers, uncached. Returns its place among the device pages, or 0 when there is no room.
[[nodiscard]] std::uint64_t map_device(PhysicalAddress page);

/// No change to the kernel's half from here on: user address spaces have copied it. Later calls of the functions above
/// are bugs of the kernel.
void seal_kernel_window();

/// The kernel's own top-level table, which maps no user memory.
[[nodiscard]] PhysicalAddress kernel_root();

/// A top-level table for user mode without user memory: the kernel's own or, with page-table isolation, one that shows
/// only the gate.
[[nodiscard]] PhysicalAddress empty_root();

/// Entries 256 to 511 of that table, for user address spaces to copy.
[[nodiscard]] std::span<const std::uint64_t, 256> kernel_half();

/// All memory that the kernel keeps: image, data, and the page tables that it needed.
[[nodiscard]] PhysicalRange kernel_image();

}  // namespace frame::x86_64
