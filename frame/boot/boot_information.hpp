// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/boot_description.hpp>

#include "frame/boot/boot_error.hpp"
#include "frame/boot/physical_memory.hpp"

namespace frame::boot {

/// What the loaders leave in EAX (multiboot 1: 3.2; multiboot 2: 3.3); the entry code supplies the one of PVH, which is
/// also the first word of its information.
inline constexpr std::uint32_t multiboot1_magic = 0x2bad'b002;
inline constexpr std::uint32_t multiboot2_magic = 0x36d7'6289;
inline constexpr std::uint32_t pvh_magic = 0x336e'c578;

/// Reads the information of whichever loader `magic` announces, at `address`, into `description`, which must be new.
/// The parts below do the same for one protocol each. None follows a pointer or a length that leads out of `memory`.
[[nodiscard]] Result<void> read_boot_information(const PhysicalMemory& memory, std::uint32_t magic,
                                                 PhysicalAddress address, BootDescription& description);

/// Multiboot specification 0.6.96, section 3.3.
[[nodiscard]] Result<void> read_multiboot1(const PhysicalMemory& memory, PhysicalAddress address,
                                           BootDescription& description);
/// Multiboot2 specification 2.0, section 3.6.
[[nodiscard]] Result<void> read_multiboot2(const PhysicalMemory& memory, PhysicalAddress address,
                                           BootDescription& description);
/// Xen, public/arch-x86/hvm/start_info.h, versions 0 and 1.
[[nodiscard]] Result<void> read_pvh(const PhysicalMemory& memory, PhysicalAddress address,
                                    BootDescription& description);

/// Adds a module, or says why it cannot be one. `loader` names the protocol for the message.
[[nodiscard]] Result<void> add_module(BootDescription& description, PhysicalRange range, std::string_view name);

/// Adds a line of the memory map, or says that there are too many.
[[nodiscard]] Result<void> add_memory(BootDescription& description, const MemoryMapEntry& entry);

}  // namespace frame::boot
