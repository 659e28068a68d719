// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <frame/address.hpp>
#include <frame/bounded_list.hpp>
#include <frame/text.hpp>

namespace frame {

/// How the kernel was started, and so which loader's information `BootDescription` was made from.
enum class BootProtocol : std::uint8_t { multiboot1, multiboot2, pvh };

/// A line of the firmware's memory map, as the loader passed it.
struct MemoryMapEntry {
    /// 1 is RAM; the other numbers are those of the ACPI address range types (ACPI 6.5, 15.1).
    static constexpr std::uint32_t ram = 1;

    PhysicalAddress start{};
    std::uint64_t size = 0;
    std::uint32_t type = 0;
};

/// A file that the loader put into memory.
struct BootModule {
    PhysicalRange range{};
    /// The loader's name or command line for it; may be empty.
    Text<96> name{};
};

/// A linear or text framebuffer that the loader set up (multiboot 2, 3.6.12; the same fields go to the user).
struct Framebuffer {
    std::uint64_t address = 0;
    std::uint32_t pitch = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint8_t bits_per_pixel = 0;
    std::uint8_t type = 0;
};

/// VESA information from a multiboot 1 loader, for the user as it came (VBE 3.0, 4.3 and 4.4).
struct VbeInformation {
    std::array<std::byte, 512> control{};
    std::array<std::byte, 256> mode{};
    std::uint16_t mode_number = 0;
    std::uint16_t interface_segment = 0;
    std::uint16_t interface_offset = 0;
    std::uint16_t interface_length = 0;
};

/// Bytes of the ACPI root system description pointer from revision 2 on (ACPI 6.5, 5.2.5.3).
inline constexpr std::size_t rsdp_size = 36;

/// All that the boot loader told, checked and copied: nothing refers to the loader's memory but `modules`. Complete before the
/// kernel sees it, and never changed after.
struct [[clang::annotate("frame.frozen")]] BootDescription {
    BootProtocol protocol = BootProtocol::multiboot1;
    Text<1024> command_line{};
    BoundedList<BootModule, 16> modules{};
    BoundedList<MemoryMapEntry, 160> memory_map{};
    /// KiB of memory from 1 MiB up, for a multiboot 1 loader that passes no memory map.
    std::uint32_t upper_memory_kib = 0;
    /// The RSDP as found, unchecked; missing if the loader did not pass it.
    std::optional<std::array<std::byte, rsdp_size>> rsdp{};
    std::optional<Framebuffer> framebuffer{};
    std::optional<VbeInformation> vbe{};
};

}  // namespace frame
