// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"

namespace frame::boot {
namespace {

/// Offsets in the multiboot information (multiboot 0.6.96, 3.3).
enum Field : std::uint64_t {
    flags = 0,
    mem_upper = 8,
    command_line = 16,
    module_count = 20,
    module_list = 24,
    map_length = 44,
    map_address = 48,
    vbe_control = 72,
    vbe_mode_information = 76,
    vbe_mode = 80,
    vbe_interface_segment = 82,
    vbe_interface_offset = 84,
    vbe_interface_length = 86,
};
/// Up to the VBE fields; what follows (framebuffer) is newer than some loaders and not used.
constexpr std::uint64_t information_size = 88;

/// Bits of the first word: which fields are valid.
constexpr std::uint32_t has_memory = 1U << 0;
constexpr std::uint32_t has_command_line = 1U << 2;
constexpr std::uint32_t has_modules = 1U << 3;
constexpr std::uint32_t has_memory_map = 1U << 6;
constexpr std::uint32_t has_vbe = 1U << 11;

constexpr std::uint64_t module_entry_size = 16;

/// All fields lie within `information_size`, which was checked when the reader was made.
template <typename T>
T field(const ByteReader& information, std::uint64_t offset) {
    return information.number<T>(offset).value_or(0);
}

Result<void> read_modules(const PhysicalMemory& memory, const ByteReader& information, BootDescription& description) {
    const auto count = field<std::uint32_t>(information, module_count);
    const PhysicalAddress list{field<std::uint32_t>(information, module_list)};
    for (std::uint64_t index = 0; index < count; ++index) {
        const auto entry = memory.read(list.plus(index * module_entry_size), module_entry_size);
        if (!entry) {
            return failure("multiboot: entry ", index, " of ", count, " of the module list at ", hex(list.value()),
                           " lies outside memory; the boot loader is broken");
        }
        const PhysicalRange range{PhysicalAddress{field<std::uint32_t>(*entry, 0)},
                                  PhysicalAddress{field<std::uint32_t>(*entry, 4)}};
        const PhysicalAddress name_address{field<std::uint32_t>(*entry, 8)};
        const auto name = name_address.value() == 0 ? std::string_view{} : memory.text(name_address, 96);
        if (auto added = add_module(description, range, name); !added) {
            return added;
        }
    }
    return {};
}

/// Entries state their own size, which does not count the size field itself (multiboot 0.6.96, 3.3, mmap_addr).
Result<void> read_memory_map(const PhysicalMemory& memory, const ByteReader& information,
                             BootDescription& description) {
    const auto length = field<std::uint32_t>(information, map_length);
    const PhysicalAddress address{field<std::uint32_t>(information, map_address)};
    const auto map = memory.read(address, length);
    if (!map) {
        return failure("multiboot: the memory map at ", hex(address.value()), " of ", length,
                       " bytes lies outside memory; the boot loader is broken");
    }
    for (std::uint64_t offset = 0; offset < map->size();) {
        const auto size = map->number<std::uint32_t>(offset);
        const auto start = map->number<std::uint64_t>(offset + 4);
        const auto bytes = map->number<std::uint64_t>(offset + 12);
        const auto type = map->number<std::uint32_t>(offset + 20);
        if (!size || !type || *size < 20) {
            return failure("multiboot: the memory map entry at offset ", offset, " of ", length,
                           size && *size < 20 ? " is too small" : " is cut off", " (an entry has at least 20 bytes",
                           "); the boot loader is broken");
        }
        if (auto added = add_memory(description, {PhysicalAddress{*start}, *bytes, *type}); !added) {
            return added;
        }
        offset += std::uint64_t{*size} + 4;
    }
    return {};
}

Result<void> read_vbe(const PhysicalMemory& memory, const ByteReader& information, BootDescription& description) {
    VbeInformation& vbe = description.vbe.emplace();
    const auto control =
        memory.read(PhysicalAddress{field<std::uint32_t>(information, vbe_control)}, vbe.control.size());
    const auto mode =
        memory.read(PhysicalAddress{field<std::uint32_t>(information, vbe_mode_information)}, vbe.mode.size());
    if (!control || !mode) {
        return failure(
            "multiboot: the VBE information lies outside memory; boot without a graphics mode or with another loader");
    }
    control->copy_to(vbe.control);
    mode->copy_to(vbe.mode);
    vbe.mode_number = field<std::uint16_t>(information, vbe_mode);
    vbe.interface_segment = field<std::uint16_t>(information, vbe_interface_segment);
    vbe.interface_offset = field<std::uint16_t>(information, vbe_interface_offset);
    vbe.interface_length = field<std::uint16_t>(information, vbe_interface_length);
    return {};
}

}  // namespace

Result<void> read_multiboot1(const PhysicalMemory& memory, PhysicalAddress address, BootDescription& description) {
    const auto information = memory.read(address, information_size);
    if (!information) {
        return failure("multiboot: the information at ", hex(address.value()),
                       " lies outside memory; the boot loader is broken");
    }
    description.protocol = BootProtocol::multiboot1;
    const auto valid = field<std::uint32_t>(*information, flags);
    if ((valid & has_command_line) != 0) {
        const PhysicalAddress text{field<std::uint32_t>(*information, command_line)};
        description.command_line.add(memory.text(text, 1024));
    }
    if ((valid & has_memory_map) != 0) {
        if (auto read = read_memory_map(memory, *information, description); !read) {
            return read;
        }
    } else if ((valid & has_memory) != 0) {
        description.upper_memory_kib = field<std::uint32_t>(*information, mem_upper);
    } else {
        return failure(
            "multiboot: the loader passed neither a memory map nor a memory size, so the kernel cannot know what is "
            "RAM; use a loader that does (GRUB, QEMU)");
    }
    if ((valid & has_modules) != 0) {
        if (auto read = read_modules(memory, *information, description); !read) {
            return read;
        }
    }
    if ((valid & has_vbe) != 0) {
        return read_vbe(memory, *information, description);
    }
    return {};
}

}  // namespace frame::boot
