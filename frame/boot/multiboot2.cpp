// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"

namespace frame::boot {
namespace {

/// Tag types (multiboot2 2.0, 3.6).
enum class Tag : std::uint32_t {
    end = 0,
    command_line = 1,
    module = 3,
    memory_map = 6,
    framebuffer = 8,
    rsdp_old = 14,
    rsdp_new = 15,
};
constexpr std::uint64_t tag_header_size = 8;

Result<void> too_short(std::string_view tag, std::uint64_t size, std::uint64_t least) {
    return failure("multiboot2: the ", tag, " tag has ", size, " bytes, at least ", least,
                   " are needed; the boot loader is broken");
}

Result<void> read_module(const ByteReader& tag, BootDescription& description) {
    const auto start = tag.number<std::uint32_t>(8);
    const auto end = tag.number<std::uint32_t>(12);
    if (!start || !end) {
        return too_short("module", tag.size(), 16);
    }
    return add_module(description, {PhysicalAddress{*start}, PhysicalAddress{*end}}, tag.text(16));
}

Result<void> read_memory_map(const ByteReader& tag, BootDescription& description) {
    const auto entry_size = tag.number<std::uint32_t>(8);
    if (!entry_size || tag.size() < 16) {
        return too_short("memory map", tag.size(), 16);
    }
    if (*entry_size < 24) {
        return failure("multiboot2: memory map entries of ", *entry_size,
                       " bytes, at least 24 are needed; the boot loader is broken");
    }
    for (std::uint64_t offset = 16; offset < tag.size(); offset += *entry_size) {
        const auto start = tag.number<std::uint64_t>(offset);
        const auto size = tag.number<std::uint64_t>(offset + 8);
        const auto type = tag.number<std::uint32_t>(offset + 16);
        if (!type) {
            return failure("multiboot2: the memory map entry at offset ", offset, " of ", tag.size(),
                           " is cut off; the boot loader is broken");
        }
        if (auto added = add_memory(description, {PhysicalAddress{*start}, *size, *type}); !added) {
            return added;
        }
    }
    return {};
}

Result<void> read_framebuffer(const ByteReader& tag, BootDescription& description) {
    const auto address = tag.number<std::uint64_t>(8);
    const auto type = tag.number<std::uint8_t>(29);
    if (!address || !type) {
        return too_short("framebuffer", tag.size(), 30);
    }
    description.framebuffer = Framebuffer{.address = *address,
                                          .pitch = tag.number<std::uint32_t>(16).value_or(0),
                                          .width = tag.number<std::uint32_t>(20).value_or(0),
                                          .height = tag.number<std::uint32_t>(24).value_or(0),
                                          .bits_per_pixel = tag.number<std::uint8_t>(28).value_or(0),
                                          .type = *type};
    return {};
}

/// The new tag wins over the old one, in whichever order they come; of the old one there are 20 bytes.
Result<void> read_rsdp(const ByteReader& tag, std::uint64_t size, BootDescription& description) {
    const auto bytes = tag.part(tag_header_size, size);
    if (!bytes) {
        return too_short("ACPI RSDP", tag.size(), tag_header_size + size);
    }
    if (size < rsdp_size && description.rsdp) {
        return {};
    }
    bytes->copy_to(description.rsdp.emplace());
    return {};
}

Result<void> read_tag(Tag type, const ByteReader& tag, BootDescription& description) {
    switch (type) {
    case Tag::command_line:
        description.command_line.clear();
        description.command_line.add(tag.text(tag_header_size));
        return {};
    case Tag::module:
        return read_module(tag, description);
    case Tag::memory_map:
        return read_memory_map(tag, description);
    case Tag::framebuffer:
        return read_framebuffer(tag, description);
    case Tag::rsdp_old:
        return read_rsdp(tag, 20, description);
    case Tag::rsdp_new:
        return read_rsdp(tag, rsdp_size, description);
    case Tag::end:
        break;
    }
    return {};  // a tag of no interest
}

}  // namespace

Result<void> read_multiboot2(const PhysicalMemory& memory, PhysicalAddress address, BootDescription& description) {
    const auto header = memory.read(address, tag_header_size);
    const auto total = header ? header->number<std::uint32_t>(0) : std::nullopt;
    const auto information = total ? memory.read(address, *total) : std::nullopt;
    if (!information) {
        return failure("multiboot2: the information at ", hex(address.value()), " of ", total.value_or(0),
                       " bytes lies outside memory; the boot loader is broken");
    }
    description.protocol = BootProtocol::multiboot2;
    for (std::uint64_t offset = tag_header_size;;) {
        const auto type = information->number<std::uint32_t>(offset);
        const auto size = information->number<std::uint32_t>(offset + 4);
        if (!type || !size) {
            return failure("multiboot2: the tags end at offset ", offset, " of ", *total,
                           " without an end tag; the boot loader is broken");
        }
        if (Tag{*type} == Tag::end) {
            break;
        }
        const auto tag = information->part(offset, *size);
        if (!tag || *size < tag_header_size) {
            return failure("multiboot2: the tag at offset ", offset, " (type ", *type, ") has length ", *size,
                           "; a tag has at least ", tag_header_size, " bytes and ends within the information's ",
                           *total, "; the boot loader is broken");
        }
        if (auto read = read_tag(Tag{*type}, *tag, description); !read) {
            return read;
        }
        offset += (std::uint64_t{*size} + 7) & ~std::uint64_t{7};
    }
    if (description.memory_map.is_empty()) {
        return failure(
            "multiboot2: the loader passed no memory map, so the kernel cannot know what is RAM; use a loader that "
            "does (GRUB)");
    }
    return {};
}

}  // namespace frame::boot
