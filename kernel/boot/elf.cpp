// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/boot/elf.hpp"

#include <array>

#include <abi/abi.hpp>
#include <frame/bits.hpp>

namespace kernel::boot {

namespace {

/// Offsets and sizes of Elf64_Ehdr (System V ABI, 4, "ELF Header").
namespace header {
constexpr std::uint64_t class_at = 4;
constexpr std::uint64_t data_at = 5;
constexpr std::uint64_t machine_at = 18;
constexpr std::uint64_t entry_at = 24;
constexpr std::uint64_t table_at = 32;
constexpr std::uint64_t entry_size_at = 54;
constexpr std::uint64_t count_at = 56;
constexpr std::uint64_t size = 64;

constexpr std::uint64_t class_64 = 2;
constexpr std::uint64_t little_endian = 1;
constexpr std::uint64_t machine_x86_64 = 62;
}  // namespace header

/// The same for Elf64_Phdr (System V ABI, 5, "Program Header").
namespace program_header {
constexpr std::uint64_t type_at = 0;
constexpr std::uint64_t offset_at = 8;
constexpr std::uint64_t address_at = 16;
constexpr std::uint64_t file_size_at = 32;
constexpr std::uint64_t memory_size_at = 40;
constexpr std::uint64_t size = 56;

constexpr std::uint64_t type_load = 1;
}  // namespace program_header

constexpr std::array<std::uint8_t, 4> magic{0x7f, 'E', 'L', 'F'};

/// The little-endian number of `size` bytes at `offset`, which lies in the file: a header was checked to.
std::uint64_t number(std::span<const std::byte> file, std::uint64_t offset, std::uint64_t size) {
    std::uint64_t value = 0;
    for (std::uint64_t index = 0; index < size; ++index) {
        value |= std::to_integer<std::uint64_t>(file[offset + index]) << (8 * index);
    }
    return value;
}

std::unexpected<ElfError> refuse(ElfFault fault, std::uint64_t value = 0, std::uint64_t limit = 0) {
    return std::unexpected{ElfError{.fault = fault, .value = value, .limit = limit}};
}

bool has_magic(std::span<const std::byte> file) {
    for (std::size_t index = 0; index < magic.size(); ++index) {
        if (index >= file.size() || std::to_integer<std::uint8_t>(file[index]) != magic[index]) {
            return false;
        }
    }
    return true;
}

bool share_bytes(const Segment& a, const Segment& b) {
    return a.address < b.address + b.file_size && b.address < a.address + a.file_size;
}

}  // namespace

std::expected<ElfImage, ElfError> ElfImage::parse(std::span<const std::byte> file, std::uint64_t behind) {
    if (!has_magic(file)) {
        return refuse(ElfFault::not_elf, file.size());
    }
    if (file.size() < header::size) {
        return refuse(ElfFault::truncated_header, file.size(), header::size);
    }
    if (const std::uint64_t file_class = number(file, header::class_at, 1); file_class != header::class_64) {
        return refuse(ElfFault::not_64_bit, file_class, header::class_64);
    }
    if (const std::uint64_t data = number(file, header::data_at, 1); data != header::little_endian) {
        return refuse(ElfFault::not_little_endian, data, header::little_endian);
    }
    if (const std::uint64_t machine = number(file, header::machine_at, 2); machine != header::machine_x86_64) {
        return refuse(ElfFault::wrong_machine, machine, header::machine_x86_64);
    }
    const std::uint64_t count = number(file, header::count_at, 2);
    if (count == 0) {
        return refuse(ElfFault::no_segments);
    }
    if (const std::uint64_t size = number(file, header::entry_size_at, 2); size != program_header::size) {
        return refuse(ElfFault::bad_program_header_size, size, program_header::size);
    }
    const std::uint64_t table = number(file, header::table_at, 8);
    if (table > file.size() || count * program_header::size > file.size() - table) {
        return refuse(ElfFault::truncated_program_headers, table, file.size());
    }

    ElfImage image{file, table, count, number(file, header::entry_at, 8)};
    if (const std::optional<ElfError> error = image.check_segments()) {
        return std::unexpected{*error};
    }
    if (!frame::is_aligned(image.start_, abi::size_bits::page)) {
        return refuse(ElfFault::start_not_page_aligned, image.start_);
    }
    // The last page of the lower half stays unmapped, so rounding up to a page cannot wrap here.
    if (image.end_ > abi::user_top || behind > abi::user_top - frame::align_up(image.end_, abi::size_bits::page)) {
        return refuse(ElfFault::reaches_beyond_user_space, image.end_, abi::user_top - behind);
    }
    image.end_ = frame::align_up(image.end_, abi::size_bits::page);
    if (image.entry_ < image.start_ || image.entry_ >= image.end_) {
        return refuse(ElfFault::entry_outside_image, image.entry_);
    }
    if (const std::optional<ElfError> error = image.check_overlaps()) {
        return std::unexpected{*error};
    }
    return image;
}

Segment ElfImage::segment(std::uint64_t index) const {
    const std::uint64_t at = table_ + index * program_header::size;
    return Segment{
        .file_offset = number(file_, at + program_header::offset_at, 8),
        .file_size = number(file_, at + program_header::file_size_at, 8),
        .address = number(file_, at + program_header::address_at, 8),
        .memory_size = number(file_, at + program_header::memory_size_at, 8),
        .loadable = number(file_, at + program_header::type_at, 4) == program_header::type_load,
    };
}

/// Checks each header by itself and measures the image.
std::optional<ElfError> ElfImage::check_segments() {
    bool has_loadable = false;
    for (std::uint64_t index = 0; index < segments_; ++index) {
        const Segment part = segment(index);
        if (part.loadable) {
            if (part.file_size > part.memory_size) {
                return ElfError{ElfFault::file_part_larger_than_memory, index, part.file_size, part.memory_size};
            }
            if (part.file_offset > file_.size() || part.file_size > file_.size() - part.file_offset) {
                return ElfError{ElfFault::truncated_segment, index, part.file_offset, file_.size()};
            }
        }
        if (part.memory_size == 0) {
            continue;
        }
        if (part.memory_size > ~part.address) {
            return ElfError{ElfFault::address_overflow, index, part.address, part.memory_size};
        }
        has_loadable = has_loadable || part.loadable;
        start_ = part.address < start_ ? part.address : start_;
        end_ = part.address + part.memory_size > end_ ? part.address + part.memory_size : end_;
    }
    if (!has_loadable) {
        return ElfError{ElfFault::no_segments};
    }
    return std::nullopt;
}

/// Refuses files that give one byte two values. Segments come in ascending order (System V ABI, 5), and then each is
/// looked at once; only one that is out of order is compared with all before it.
std::optional<ElfError> ElfImage::check_overlaps() const {
    std::uint64_t highest_end = 0;
    for (std::uint64_t index = 0; index < segments_; ++index) {
        const Segment part = segment(index);
        if (!part.loadable || part.file_size == 0) {
            continue;
        }
        for (std::uint64_t other = 0; part.address < highest_end && other < index; ++other) {
            const Segment before = segment(other);
            if (before.loadable && before.file_size != 0 && share_bytes(part, before)) {
                return ElfError{ElfFault::overlapping_segments, index, other, part.address};
            }
        }
        highest_end = part.address + part.file_size > highest_end ? part.address + part.file_size : highest_end;
    }
    return std::nullopt;
}

frame::Text<240> describe(const ElfError& error) {
    using frame::hex;
    using Message = frame::Text<240>;
    switch (error.fault) {
    case ElfFault::truncated_header:
        return Message{"the file ends after ", error.value, " bytes, an ELF header has ", error.limit,
                       ": copy it again, it is cut off"};
    case ElfFault::not_elf:
        return Message{"it is not an ELF file (", error.value,
                       " bytes, not starting with 7f 45 4c 46): pass the linked program, not an archive or a script"};
    case ElfFault::not_64_bit:
        return Message{"it is not a 64-bit ELF file (class ", error.value, ", needed ", error.limit,
                       "): build it for x86_64, without -m32"};
    case ElfFault::not_little_endian:
        return Message{"it is a big-endian ELF file (data encoding ", error.value, ", needed ", error.limit,
                       "): build it for x86_64"};
    case ElfFault::wrong_machine:
        return Message{"it is for another processor (ELF machine ", error.value, ", x86_64 is ", error.limit,
                       "): build it for x86_64"};
    case ElfFault::bad_program_header_size:
        return Message{"its program headers have ", error.value, " bytes each, not ", error.limit,
                       ": link it again, the file is damaged"};
    case ElfFault::truncated_program_headers:
        return Message{"its program headers (at offset ", error.value, ") reach beyond the file's ", error.limit,
                       " bytes: copy it again, it is cut off or damaged"};
    case ElfFault::no_segments:
        return Message{"it has no segments to load: link it into a program, an object file cannot run"};
    case ElfFault::file_part_larger_than_memory:
        return Message{"segment ",
                       error.segment,
                       " has ",
                       error.value,
                       " bytes in the file but ",
                       error.limit,
                       " in memory: link it again, the file is damaged"};
    case ElfFault::truncated_segment:
        return Message{"the bytes of segment ",
                       error.segment,
                       " (at offset ",
                       error.value,
                       ") reach beyond the file's ",
                       error.limit,
                       " bytes: copy it again, it is cut off"};
    case ElfFault::address_overflow:
        return Message{"segment ",
                       error.segment,
                       " at ",
                       hex(error.value),
                       " with ",
                       hex(error.limit),
                       " bytes reaches beyond the address space: link it to an address below ",
                       hex(abi::user_top)};
    case ElfFault::start_not_page_aligned:
        return Message{"the image starts at ", hex(error.value),
                       ", which is not a multiple of 4096: link it with page-aligned segments (-z max-page-size=4096)"};
    case ElfFault::reaches_beyond_user_space:
        return Message{"the image ends at ", hex(error.value), ", beyond the user's half; it must end by ",
                       hex(error.limit), ": link it to a lower address"};
    case ElfFault::overlapping_segments:
        return Message{"segments ",
                       error.value,
                       " and ",
                       error.segment,
                       " both have bytes for address ",
                       hex(error.limit),
                       ": separate them in the linker script"};
    case ElfFault::entry_outside_image:
        return Message{"the entry point ", hex(error.value),
                       " lies outside the image: name a start symbol that is linked in (ENTRY, --entry)"};
    }
    return Message{"it is damaged"};
}

}  // namespace kernel::boot
