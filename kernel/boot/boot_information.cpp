// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/boot/boot_information.hpp"

#include <abi/abi.hpp>

namespace kernel::boot {

namespace {

namespace chunk = abi::boot_info::chunk;
namespace layout = abi::boot_info::layout;

constexpr std::uint64_t header_size = sizeof(abi::boot_info::ChunkHeader);
constexpr std::uint64_t frequency_size = sizeof(std::uint32_t);
constexpr std::uint64_t rsdp_block_size = header_size + frame::rsdp_size;

/// The framebuffer block: the address, four numbers of 32 bits, two of 8, packed (multiboot2, 3.6.12).
namespace framebuffer {
constexpr std::uint64_t pitch = 8;
constexpr std::uint64_t width = 12;
constexpr std::uint64_t height = 16;
constexpr std::uint64_t bits_per_pixel = 20;
constexpr std::uint64_t type = 21;
constexpr std::uint64_t size = 22;
}  // namespace framebuffer

/// What a multiboot 1 memory map says of its lines: the bytes of each behind its own size field.
constexpr std::uint32_t memory_line_size = layout::mb_mmap::bytes - layout::mb_mmap::base_addr;

/// Appends blocks; `at` is the offset of the one being written.
class [[gsl::Pointer]] BlockWriter {
public:
    explicit BlockWriter(frame::BootPages& pages [[clang::lifetimebound]]) : pages_{pages} {}

    /// Starts a block of `size` bytes, its header included.
    void begin(std::uint64_t id, std::uint64_t size) {
        at_ = next_;
        next_ += size;
        store(0, id);
        store(sizeof(std::uint64_t), size);
    }
    template <class T>
    void store(std::uint64_t offset, T value) {
        pages_.store(at_ + offset, value);
    }
    void write(std::uint64_t offset, std::span<const std::byte> bytes) { pages_.write(at_ + offset, bytes); }

private:
    frame::BootPages& pages_;
    std::uint64_t at_ = 0;
    std::uint64_t next_ = 0;
};

bool has_framebuffer(const frame::BootDescription& description) {
    return description.framebuffer.has_value() && description.framebuffer->address != 0;
}

void write_vbe(BlockWriter& writer, const frame::VbeInformation& vbe) {
    namespace at = layout::boot_info_vbe;
    writer.begin(chunk::x86_vbe, at::bytes);
    writer.write(at::vbe_info_block, vbe.control);
    writer.write(at::vbe_mode_info_block, vbe.mode);
    writer.store(at::vbe_mode, std::uint32_t{vbe.mode_number});
    writer.store(at::vbe_interface_seg, std::uint32_t{vbe.interface_segment});
    writer.store(at::vbe_interface_off, std::uint32_t{vbe.interface_offset});
    writer.store(at::vbe_interface_len, std::uint32_t{vbe.interface_length});
}

void write_framebuffer(BlockWriter& writer, const frame::Framebuffer& buffer) {
    writer.begin(chunk::x86_framebuffer, header_size + framebuffer::size);
    writer.store(header_size, buffer.address);
    writer.store(header_size + framebuffer::pitch, buffer.pitch);
    writer.store(header_size + framebuffer::width, buffer.width);
    writer.store(header_size + framebuffer::height, buffer.height);
    writer.store(header_size + framebuffer::bits_per_pixel, buffer.bits_per_pixel);
    writer.store(header_size + framebuffer::type, buffer.type);
}

/// The block has a fixed size; lines beyond it are left out here, though their memory is handed out all the same.
void write_memory_map(BlockWriter& writer, const frame::BootDescription& description) {
    namespace at = layout::boot_info_mmap;
    namespace line = layout::mb_mmap;
    writer.begin(chunk::x86_memory_map, at::bytes);
    std::uint64_t count = 0;
    for (const frame::MemoryMapEntry& entry : description.memory_map.items()) {
        if (count == abi::boot_info::memory_map_entries) {
            break;
        }
        const std::uint64_t offset = at::mmap + count * line::bytes;
        writer.store(offset + line::size, memory_line_size);
        writer.store(offset + line::base_addr, entry.start.value());
        writer.store(offset + line::length, entry.size);
        writer.store(offset + line::type, entry.type);
        ++count;
    }
    writer.store(at::mmap_length, static_cast<std::uint32_t>(count * line::bytes));
}

}  // namespace

std::uint64_t blocks_size(const frame::BootDescription& description) {
    std::uint64_t size = rsdp_block_size + layout::boot_info_mmap::bytes + header_size + frequency_size;
    if (description.vbe.has_value()) {
        size += layout::boot_info_vbe::bytes;
    }
    if (has_framebuffer(description)) {
        size += header_size + framebuffer::size;
    }
    return size;
}

void write_blocks(frame::BootPages& pages, const frame::BootDescription& description,
                  const frame::MachineDescription& machine) {
    BlockWriter writer{pages};
    if (const std::optional<frame::VbeInformation> vbe = description.vbe) {
        write_vbe(writer, *vbe);
    }
    writer.begin(chunk::x86_acpi_rsdp, rsdp_block_size);
    writer.write(header_size, machine.rsdp);
    if (has_framebuffer(description)) {
        const frame::Framebuffer screen = description.framebuffer.value();
        write_framebuffer(writer, screen);
    }
    write_memory_map(writer, description);
    writer.begin(chunk::x86_tsc_frequency, header_size + frequency_size);
    writer.store(header_size, machine.tsc_frequency_mhz);
}

}  // namespace kernel::boot
