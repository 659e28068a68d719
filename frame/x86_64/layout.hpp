// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

/// Where things are in the kernel's half of every address space. The same numbers appear in kernel.ld, which checks
/// that the image fits, and in boot.S.
///
///     virtual address
///     0xffff'ffff'ffff'ffff  +--------------------------------+
///                            | device registers, uncached     |  local APIC, then the I/O APICs, a page each
///     0xffff'ffff'c000'0000  +--------------------------------+  device_base
///                            | (not mapped)                   |
///                            | symbol names   read only       |
///                            | data, bss      read, write     |  below each kernel stack: a page that is not mapped
///                            | rodata         read only       |
///                            | text           read, execute   |  the only executable pages of the kernel
///     0xffff'ffff'8010'0000  +--------------------------------+  image_base + where the loader put the image (1 MiB)
///     0xffff'ffff'8000'0000  +--------------------------------+  image_base
///                            | kernel window: all RAM,        |  physical p at window_base + p; 1 GiB pages where
///                            | read, write, never execute     |  the processor has them, else 2 MiB pages. The image's
///                            |                                |  text and rodata are read only here, too
///     0xffff'ff80'0000'0000  +--------------------------------+  window_base = PML4 entry 511
///                            | (not mapped)                   |  PML4 entries 256 to 510, room for later
///     0xffff'8000'0000'0000  +--------------------------------+
///                            :    not canonical addresses     :
///     0x0000'7fff'ffff'ffff  +--------------------------------+
///                            | user programs                  |  PML4 entries 0 to 255
///     0x0000'0000'0000'0000  +--------------------------------+
///
///     physical address
///     0x0010'0000            +--------------------------------+  32-bit boot code, notes, boot loader headers
///                            | text, rodata, data, bss        |
///                            | page table pool, used part     |  becomes the kernel's tables above, at boot
///                            +--------------------------------+  end of the kernel as reported: memory after here is
///                            | page table pool, unused part   |  free and goes to the user
///                            +--------------------------------+
namespace frame::x86_64 {

/// The window onto physical memory starts here; see frame/include/frame/detail/window.hpp.
inline constexpr std::uint64_t window_base = 0xffff'ff80'0000'0000;
/// Physical address 0 as the kernel image sees it: the image is linked at this plus its load address.
inline constexpr std::uint64_t image_base = 0xffff'ffff'8000'0000;
/// Device registers are mapped from here, one 4 KiB page after the other.
inline constexpr std::uint64_t device_base = 0xffff'ffff'c000'0000;
/// Bytes of physical memory that the window can show.
inline constexpr std::uint64_t window_size = image_base - window_base;

/// Bytes of each core's kernel stack. The deepest path of a debug build uses under a quarter; see the guard page.
inline constexpr std::uint64_t kernel_stack_size = 0x4000;

inline constexpr std::uint64_t page_size = 0x1000;
inline constexpr std::uint64_t large_page_size = 0x20'0000;
inline constexpr std::uint64_t huge_page_size = 0x4000'0000;

}  // namespace frame::x86_64
