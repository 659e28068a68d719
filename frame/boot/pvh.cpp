// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"

namespace frame::boot {
namespace {

/// Offsets in hvm_start_info (Xen, public/arch-x86/hvm/start_info.h).
enum Field : std::uint64_t {
    magic = 0,
    version = 4,
    module_count = 12,
    module_list = 16,
    command_line = 24,
    rsdp_address = 32,
    map_address = 40,
    map_entries = 48,
};
constexpr std::uint64_t version0_size = 40;
constexpr std::uint64_t version1_size = 56;
constexpr std::uint64_t module_entry_size = 32;
constexpr std::uint64_t map_entry_size = 24;

Result<void> read_modules(const PhysicalMemory& memory, const ByteReader& information, BootDescription& description) {
    const auto count = information.number<std::uint32_t>(module_count).value_or(0);
    const PhysicalAddress list{information.number<std::uint64_t>(module_list).value_or(0)};
    for (std::uint64_t index = 0; index < count; ++index) {
        const auto entry = memory.read(list.plus(index * module_entry_size), module_entry_size);
        if (!entry) {
            return failure("PVH: entry ", index, " of ", count, " of the module list at ", hex(list.value()),
                           " lies outside memory; the boot loader is broken");
        }
        const PhysicalAddress start{entry->number<std::uint64_t>(0).value_or(0)};
        const auto size = entry->number<std::uint64_t>(8).value_or(0);
        if (size > ~start.value()) {
            return failure("PVH: module ", index, " at ", hex(start.value()), " of ", size,
                           " bytes wraps around; the boot loader is broken");
        }
        const PhysicalAddress name_address{entry->number<std::uint64_t>(16).value_or(0)};
        const auto name = name_address.value() == 0 ? std::string_view{} : memory.text(name_address, 96);
        if (auto added = add_module(description, {start, start.plus(size)}, name); !added) {
            return added;
        }
    }
    return {};
}

Result<void> read_memory_map(const PhysicalMemory& memory, const ByteReader& information,
                             BootDescription& description) {
    const PhysicalAddress map{information.number<std::uint64_t>(map_address).value_or(0)};
    const auto count = information.number<std::uint32_t>(map_entries).value_or(0);
    for (std::uint64_t index = 0; index < count; ++index) {
        const auto entry = memory.read(map.plus(index * map_entry_size), map_entry_size);
        if (!entry) {
            return failure("PVH: entry ", index, " of ", count, " of the memory map at ", hex(map.value()),
                           " lies outside memory; the boot loader is broken");
        }
        const MemoryMapEntry line{PhysicalAddress{entry->number<std::uint64_t>(0).value_or(0)},
                                  entry->number<std::uint64_t>(8).value_or(0),
                                  entry->number<std::uint32_t>(16).value_or(0)};
        if (auto added = add_memory(description, line); !added) {
            return added;
        }
    }
    return {};
}

}  // namespace

Result<void> read_pvh(const PhysicalMemory& memory, PhysicalAddress address, BootDescription& description) {
    const auto start = memory.read(address, version0_size);
    const auto number = start ? start->number<std::uint32_t>(version) : std::nullopt;
    if (!number || start->number<std::uint32_t>(magic) != pvh_magic) {
        return failure("PVH: no start information at ", hex(address.value()), " (it begins with ", hex(pvh_magic),
                       "); the boot loader is broken");
    }
    if (*number == 0) {
        return failure(
            "PVH: start information of version 0 has no memory map; use a loader that passes version 1 (QEMU 4.0 or "
            "newer)");
    }
    const auto information = memory.read(address, version1_size);
    if (!information) {
        return failure("PVH: the start information at ", hex(address.value()),
                       " lies outside memory; the boot loader is broken");
    }
    description.protocol = BootProtocol::pvh;
    const PhysicalAddress text{information->number<std::uint64_t>(command_line).value_or(0)};
    if (text.value() != 0) {
        description.command_line.add(memory.text(text, 1024));
    }
    const PhysicalAddress rsdp{information->number<std::uint64_t>(rsdp_address).value_or(0)};
    if (rsdp.value() != 0) {
        const auto bytes = memory.read(rsdp, rsdp_size);
        if (!bytes) {
            return failure("ACPI: the RSDP at ", hex(rsdp.value()),
                           ", as PVH gives it, lies outside memory; the boot loader is "
                           "broken");
        }
        bytes->copy_to(description.rsdp.emplace());
    }
    if (auto read = read_memory_map(memory, *information, description); !read) {
        return read;
    }
    return read_modules(memory, *information, description);
}

}  // namespace frame::boot
