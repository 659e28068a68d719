// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <frame/address.hpp>
#include <frame/text.hpp>

/// The root task's ELF file (System V ABI, "Object Files"; AMD64 supplement, 4). A file is bytes from outside: nothing
/// in it is believed before it is checked against the file's end, and no sum of its numbers may wrap.
namespace kernel::boot {

/// What is wrong with a file.
enum class ElfFault : std::uint8_t {
    truncated_header,
    not_elf,
    not_64_bit,
    not_little_endian,
    wrong_machine,
    bad_program_header_size,
    truncated_program_headers,
    no_segments,
    file_part_larger_than_memory,
    truncated_segment,
    address_overflow,
    start_not_page_aligned,
    reaches_beyond_user_space,
    overlapping_segments,
    entry_outside_image,
};

/// A fault and the numbers that explain it; which ones count depends on the fault.
struct ElfError {
    ElfFault fault;
    std::uint64_t segment = 0;  ///< index of the program header
    std::uint64_t value = 0;    ///< what the file says
    std::uint64_t limit = 0;    ///< what it would have to agree with
};

/// For people: what is wrong, and what to do about it.
[[nodiscard]] frame::Text<240> describe(const ElfError& error);

/// A part of the file that belongs at an address.
struct Segment {
    std::uint64_t file_offset = 0;
    std::uint64_t file_size = 0;  ///< bytes from the file
    std::uint64_t address = 0;
    std::uint64_t memory_size = 0;  ///< bytes in memory; those behind the file's are zero
    bool loadable = false;          ///< PT_LOAD

    friend constexpr bool operator==(const Segment&, const Segment&) = default;
};

/// Where an image is loaded to: memory for `ElfImage::size()` bytes, zero at first.
template <class Memory>
concept ImageMemory =
    requires(Memory& memory, std::uint64_t offset, std::span<const std::byte> bytes) { memory.write(offset, bytes); };

/// A file that passed every check. It refers to the bytes it was made from.
class [[gsl::Pointer]] ElfImage {
public:
    /// Checks a file. `behind` bytes, whole pages, must fit into user space behind the image as well.
    [[nodiscard]] static std::expected<ElfImage, ElfError> parse(std::span<const std::byte> file
                                                                 [[clang::lifetimebound]],
                                                                 std::uint64_t behind);

    /// The image's first address and the one behind its last page. Any program header with memory counts, not only
    /// loadable ones: seL4 sizes an image like that, and every later slot number depends on it.
    [[nodiscard]] frame::UserAddress start() const { return frame::UserAddress{start_}; }
    [[nodiscard]] frame::UserAddress end() const { return frame::UserAddress{end_}; }
    /// Bytes from start to end: whole pages.
    [[nodiscard]] std::uint64_t size() const { return end_ - start_; }
    [[nodiscard]] frame::UserAddress entry() const { return frame::UserAddress{entry_}; }

    /// Copies the loadable segments' bytes; `memory` starts at `start()`. What is zero already stays so: zeroing the
    /// memory of a PT_TLS header, as seL4 does, would destroy initialised data that lies behind `.tbss`.
    template <ImageMemory Memory>
    void load_into(Memory& memory) const {
        for (std::uint64_t index = 0; index < segments_; ++index) {
            const Segment part = segment(index);
            if (part.loadable && part.file_size != 0) {
                memory.write(part.address - start_, file_.subspan(part.file_offset, part.file_size));
            }
        }
    }

private:
    ElfImage(std::span<const std::byte> file [[clang::lifetimebound]], std::uint64_t table, std::uint64_t segments,
             std::uint64_t entry)
        : file_{file},
          table_{table},
          segments_{segments},
          entry_{entry} {}
    [[nodiscard]] Segment segment(std::uint64_t index) const;
    [[nodiscard]] std::optional<ElfError> check_segments();
    [[nodiscard]] std::optional<ElfError> check_overlaps() const;

    std::span<const std::byte> file_;
    std::uint64_t table_;     ///< file offset of the program headers, which lie in the file
    std::uint64_t segments_;  ///< their number
    std::uint64_t entry_;
    std::uint64_t start_ = ~std::uint64_t{0};
    std::uint64_t end_ = 0;
};

}  // namespace kernel::boot
