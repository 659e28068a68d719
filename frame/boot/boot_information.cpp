// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"

namespace frame::boot {

Result<void> read_boot_information(const PhysicalMemory& memory, std::uint32_t magic, PhysicalAddress address,
                                   BootDescription& description) {
    switch (magic) {
    case multiboot1_magic:
        return read_multiboot1(memory, address, description);
    case multiboot2_magic:
        return read_multiboot2(memory, address, description);
    case pvh_magic:
        return read_pvh(memory, address, description);
    default:
        return failure(
            "boot: the loader left ", hex(magic, 8),
            " in EAX, which is neither multiboot 1, multiboot 2 nor PVH; start this kernel with GRUB's 'multiboot2', a "
            "multiboot 1 loader (the elf32 copy) or QEMU's -kernel");
    }
}

Result<void> add_module(BootDescription& description, PhysicalRange range, std::string_view name) {
    const auto number = description.modules.size();
    if (range.is_empty()) {
        return failure("boot: module ", number, " ('", name, "') is empty: it starts at ", hex(range.start.value()),
                       " and ends at ", hex(range.end.value()), "; check the file that the loader was given");
    }
    if (!description.modules.add(BootModule{range, Text<96>{name}})) {
        return failure("boot: the loader passed more than ", description.modules.capacity(),
                       " modules; only the first, the root task, is used: leave the others out");
    }
    return {};
}

Result<void> add_memory(BootDescription& description, const MemoryMapEntry& entry) {
    if (!description.memory_map.add(entry)) {
        return failure("boot: the memory map has more than ", description.memory_map.capacity(),
                       " entries; the kernel records no more, please report the machine");
    }
    return {};
}

}  // namespace frame::boot
