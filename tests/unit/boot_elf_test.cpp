// SPDX-License-Identifier: GPL-2.0-only
//
// The root task's ELF loader: every refusal with its message, and what a good file loads to.
#include "kernel/boot/elf.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <abi/abi.hpp>

#include "tests/support/elf_file.hpp"
#include "tests/support/test.hpp"

namespace {

using kernel::boot::ElfError;
using kernel::boot::ElfFault;
using kernel::boot::ElfImage;
using test::ElfFile;
using test::ElfSegment;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t behind = 3 * page;
constexpr std::uint32_t pt_note = 4;
constexpr std::uint32_t pt_tls = 7;
constexpr std::uint32_t pt_gnu_stack = 0x6474e551;

/// Image memory that knows where it ends.
struct Memory {
    std::vector<std::byte> bytes;
    void write(std::uint64_t offset, std::span<const std::byte> from) {
        CHECK(offset <= bytes.size() && from.size() <= bytes.size() - offset);
        std::ranges::copy(from, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    }
};

ElfError refused(const std::vector<std::byte>& file) {
    const auto image = ElfImage::parse(file, behind);
    CHECK(!image.has_value());
    return image.error();
}

void check_refused(const std::vector<std::byte>& file, ElfFault fault, std::string_view message) {
    const ElfError error = refused(file);
    CHECK_EQUAL(error.fault, fault);
    const auto text = kernel::boot::describe(error);
    CHECK_EQUAL(std::string{text.view()}, std::string{message});
}

std::vector<std::byte> bytes(std::string_view text) {
    std::vector<std::byte> result(text.size());
    std::memcpy(result.data(), text.data(), text.size());
    return result;
}

}  // namespace

TEST("a file with one segment loads where it says") {
    ElfFile file;
    file.segments = {ElfSegment{.address = 0x400000, .data = bytes("code"), .memory_size = 0x1800}};
    file.entry = 0x400002;
    const auto built = file.build();
    const auto image = ElfImage::parse(built, behind);
    CHECK(image.has_value());
    CHECK_EQUAL(image->start().value(), 0x400000U);
    CHECK_EQUAL(image->end().value(), 0x402000U);
    CHECK_EQUAL(image->size(), 0x2000U);
    CHECK_EQUAL(image->entry().value(), 0x400002U);
    Memory memory{std::vector<std::byte>(image->size())};
    image->load_into(memory);
    CHECK(std::memcmp(memory.bytes.data(), "code\0\0", 6) == 0);
}

TEST("what lies behind the last program header is none; a segment without bytes may begin where the file ends") {
    ElfFile file;
    file.segments = {ElfSegment{.address = 0x400000, .data = bytes("code")},
                     ElfSegment{.address = 0x401000, .data = {}, .memory_size = page},
                     ElfSegment{.address = 0x400000, .data = bytes("nothing of the image")}};
    file.count = 2;
    auto built = file.build();
    const std::uint64_t end = built.size();
    std::memcpy(built.data() + 64 + 56 + 8, &end, sizeof end);
    const auto image = ElfImage::parse(built, behind);
    CHECK(image.has_value());
    Memory memory{std::vector<std::byte>(image->size())};
    image->load_into(memory);
    CHECK(std::memcmp(memory.bytes.data(), "code\0\0", 6) == 0);
}

TEST("PT_TLS zeroes nothing: .tbss before .data") {
    ElfFile file;
    // The thread-local template has 0x10 bytes of zeroes in memory that overlap initialised data.
    file.segments = {
        ElfSegment{.address = 0x400000, .data = bytes("text")},
        ElfSegment{.address = 0x401000, .data = bytes("initialised data")},
        ElfSegment{.type = pt_tls, .address = 0x401000, .data = {}, .memory_size = 0x10},
    };
    const auto built = file.build();
    const auto image = ElfImage::parse(built, behind);
    CHECK(image.has_value());
    Memory memory{std::vector<std::byte>(image->size())};
    image->load_into(memory);
    CHECK(std::memcmp(memory.bytes.data() + 0x1000, "initialised data", 16) == 0);
}

TEST("every header with memory counts for the image's size, loadable or not") {
    ElfFile file;
    file.segments = {
        ElfSegment{.address = 0x400000, .data = bytes("text"), .memory_size = page},
        ElfSegment{.type = pt_tls, .address = 0x400ff0, .data = {}, .memory_size = 0x20},
        ElfSegment{.type = pt_gnu_stack, .address = 0, .data = {}, .memory_size = 0},
    };
    auto built = file.build();
    auto image = ElfImage::parse(built, behind);
    CHECK(image.has_value());
    // The thread-local template ends a page further; the stack header has no memory, so address 0 does not count.
    CHECK_EQUAL(image->start().value(), 0x400000U);
    CHECK_EQUAL(image->end().value(), 0x402000U);

    file.segments[2].memory_size = 0x1000;
    built = file.build();
    image = ElfImage::parse(built, behind);
    CHECK(image.has_value());
    CHECK_EQUAL(image->start().value(), 0U);
}

TEST("an image may end exactly where user space and what follows it allow") {
    ElfFile file;
    file.segments = {ElfSegment{.address = abi::user_top - behind - page, .data = bytes("text")}};
    file.entry = abi::user_top - behind - page;
    const auto built = file.build();
    CHECK(ElfImage::parse(built, behind).has_value());
    CHECK_EQUAL(ElfImage::parse(built, behind + page).error().fault, ElfFault::reaches_beyond_user_space);
}

TEST("a bss that overlaps another segment's bytes does not destroy them, in either order") {
    for (const bool bss_first : {false, true}) {
        ElfFile file;
        file.segments = {
            ElfSegment{.address = 0x400000, .data = bytes("text"), .memory_size = 0x1010},
            ElfSegment{.address = 0x401000, .data = bytes("data")},
        };
        if (!bss_first) {
            std::swap(file.segments[0], file.segments[1]);
        }
        const auto built = file.build();
        const auto image = ElfImage::parse(built, behind);
        CHECK(image.has_value());
        Memory memory{std::vector<std::byte>(image->size())};
        image->load_into(memory);
        CHECK(std::memcmp(memory.bytes.data() + 0x1000, "data", 4) == 0);
    }
}

TEST("refused: not ELF, or not for this processor") {
    check_refused({}, ElfFault::not_elf,
                  "it is not an ELF file (0 bytes, not starting with 7f 45 4c 46): pass the linked program, not an "
                  "archive or a script");
    check_refused(bytes("#!/bin/sh\necho hello\n"), ElfFault::not_elf,
                  "it is not an ELF file (21 bytes, not starting with 7f 45 4c 46): pass the linked program, not an "
                  "archive or a script");
    check_refused(bytes("\x7f"
                        "ELF"),
                  ElfFault::truncated_header,
                  "the file ends after 4 bytes, an ELF header has 64: copy it again, it is cut off");
    check_refused(ElfFile{.file_class = 1}.build(), ElfFault::not_64_bit,
                  "it is not a 64-bit ELF file (class 1, needed 2): build it for x86_64, without -m32");
    check_refused(ElfFile{.data_encoding = 2}.build(), ElfFault::not_little_endian,
                  "it is a big-endian ELF file (data encoding 2, needed 1): build it for x86_64");
    check_refused(ElfFile{.machine = 183}.build(), ElfFault::wrong_machine,
                  "it is for another processor (ELF machine 183, x86_64 is 62): build it for x86_64");
}

TEST("refused: damaged headers") {
    auto whole = ElfFile{}.build();
    whole.resize(63);
    check_refused(whole, ElfFault::truncated_header,
                  "the file ends after 63 bytes, an ELF header has 64: copy it again, it is cut off");
    check_refused(ElfFile{.entry_size = 32}.build(), ElfFault::bad_program_header_size,
                  "its program headers have 32 bytes each, not 56: link it again, the file is damaged");
    check_refused(ElfFile{.segments = {}}.build(), ElfFault::no_segments,
                  "it has no segments to load: link it into a program, an object file cannot run");
    check_refused(ElfFile{.segments = {ElfSegment{.type = pt_note}}}.build(), ElfFault::no_segments,
                  "it has no segments to load: link it into a program, an object file cannot run");
    auto cut = ElfFile{}.build();
    cut.resize(64 + 55);
    check_refused(
        cut, ElfFault::truncated_program_headers,
        "its program headers (at offset 64) reach beyond the file's 119 bytes: copy it again, it is cut off or "
        "damaged");
    CHECK_EQUAL(refused(ElfFile{.count = 0xffff}.build()).fault, ElfFault::truncated_program_headers);
    CHECK_EQUAL(refused(ElfFile{.table = std::uint64_t{1} << 40}.build()).fault, ElfFault::truncated_program_headers);
    CHECK_EQUAL(refused(ElfFile{.table = ~std::uint64_t{0} - 31}.build()).fault, ElfFault::truncated_program_headers);
}

TEST("refused: segments that the file does not hold") {
    ElfFile file;
    file.segments = {ElfSegment{.data = bytes("text"), .memory_size = 0x10000, .file_size = 0x10000}};
    check_refused(
        file.build(), ElfFault::truncated_segment,
        "the bytes of segment 0 (at offset 4096) reach beyond the file's 4100 bytes: copy it again, it is cut off");
    file.segments = {ElfSegment{.memory_size = page, .file_offset = ~std::uint64_t{0} - 15, .file_size = page}};
    CHECK_EQUAL(refused(file.build()).fault, ElfFault::truncated_segment);
    file.segments = {ElfSegment{.data = bytes("longer"), .memory_size = 2}};
    check_refused(file.build(), ElfFault::file_part_larger_than_memory,
                  "segment 0 has 6 bytes in the file but 2 in memory: link it again, the file is damaged");
}

TEST("refused: addresses that no user program can have") {
    ElfFile file;
    file.segments = {ElfSegment{.address = 0x400000, .memory_size = ~std::uint64_t{0} - 0xfff}};
    check_refused(file.build(), ElfFault::address_overflow,
                  "segment 0 at 0x400000 with 0xfffffffffffff000 bytes reaches beyond the address space: link it to an "
                  "address below 0x7ffffffff000");
    file.segments = {ElfSegment{.address = 0xffffffff80000000}};
    check_refused(
        file.build(), ElfFault::reaches_beyond_user_space,
        "the image ends at 0xffffffff80000004, beyond the user's half; it must end by 0x7fffffffc000: link it to "
        "a lower address");
    file.segments = {ElfSegment{.address = 0x800000000000}};
    CHECK_EQUAL(refused(file.build()).fault, ElfFault::reaches_beyond_user_space);
    // A header that is not loaded sizes the image all the same.
    file.segments = {ElfSegment{}, ElfSegment{.type = pt_note, .address = 0xffffffff80000000}};
    CHECK_EQUAL(refused(file.build()).fault, ElfFault::reaches_beyond_user_space);
    file.segments = {ElfSegment{.address = 0x400010}};
    file.entry = 0x400010;
    check_refused(
        file.build(), ElfFault::start_not_page_aligned,
        "the image starts at 0x400010, which is not a multiple of 4096: link it with page-aligned segments (-z "
        "max-page-size=4096)");
}

TEST("refused: two segments with bytes for one address") {
    ElfFile file;
    file.segments = {
        ElfSegment{.address = 0x400000, .data = bytes("0123456789")},
        ElfSegment{.address = 0x400009, .data = bytes("x")},
    };
    check_refused(file.build(), ElfFault::overlapping_segments,
                  "segments 0 and 1 both have bytes for address 0x400009: separate them in the linker script");
    file.segments[1].address = 0x40000a;
    CHECK(ElfImage::parse(file.build(), behind).has_value());
    // Out of order: the second lies below the first and reaches into it.
    file.segments = {
        ElfSegment{.address = 0x402000, .data = bytes("0123456789")},
        ElfSegment{.address = 0x400000, .data = std::vector<std::byte>(0x2001)},
    };
    CHECK_EQUAL(refused(file.build()).fault, ElfFault::overlapping_segments);
    file.segments[1].data.resize(0x2000);
    CHECK(ElfImage::parse(file.build(), behind).has_value());
}

TEST("refused: an entry point outside the image") {
    check_refused(
        ElfFile{.entry = 0x401000}.build(), ElfFault::entry_outside_image,
        "the entry point 0x401000 lies outside the image: name a start symbol that is linked in (ENTRY, --entry)");
    CHECK_EQUAL(refused(ElfFile{.entry = 0x3fffff}.build()).fault, ElfFault::entry_outside_image);
    CHECK(ElfImage::parse(ElfFile{.entry = 0x400fff}.build(), behind).has_value());
}

TEST("an image at address 0 is one") {
    ElfFile file{.entry = 0};
    file.segments = {ElfSegment{.address = 0}};
    const auto built = file.build();
    const auto image = ElfImage::parse(built, behind);
    CHECK(image.has_value());
    CHECK_EQUAL(image->size(), page);
}

TEST("whatever a damaged file says, it is refused or loads within its image") {
    // Numbers at which sums wrap or limits lie; AddressSanitizer watches the reads, Memory the writes.
    const std::vector<std::uint64_t> numbers{0,
                                             1,
                                             55,
                                             56,
                                             63,
                                             64,
                                             0xfff,
                                             0x1000,
                                             0x400000,
                                             abi::user_top,
                                             abi::user_top - 1,
                                             std::uint64_t{1} << 47,
                                             std::uint64_t{1} << 63,
                                             ~std::uint64_t{0},
                                             ~std::uint64_t{0} - 0xfff};
    std::mt19937 random{1};
    unsigned accepted = 0;
    for (unsigned round = 0; round < 4000; ++round) {
        ElfFile file;
        file.segments = {
            ElfSegment{.address = 0x400000, .data = bytes("text"), .memory_size = 0x1800},
            ElfSegment{.address = 0x402000, .data = bytes("data")},
            ElfSegment{.type = pt_tls, .address = 0x402000, .data = {}, .memory_size = 8},
        };
        auto built = file.build();
        for (unsigned change = random() % 4; change > 0; --change) {
            if (random() % 2 == 0) {
                built[random() % std::min<std::size_t>(built.size(), 64 + 3 * 56)] = static_cast<std::byte>(random());
            } else {
                // Every field of a program header but the type and flags has eight bytes.
                const std::size_t at = 64 + 56 * (random() % 3) + 8 * (1 + random() % 6);
                const std::uint64_t number = numbers[random() % numbers.size()];
                std::memcpy(built.data() + at, &number, sizeof number);
            }
        }
        if (random() % 4 == 0) {
            built.resize(random() % built.size());
        }
        // In memory of its own size, so that a read beyond the end is noticed.
        const std::vector<std::byte> exact(built.begin(), built.end());
        const auto image = ElfImage::parse(exact, behind);
        if (!image.has_value()) {
            CHECK(!kernel::boot::describe(image.error()).is_empty());
            continue;
        }
        ++accepted;
        CHECK(image->start() <= image->entry() && image->entry() < image->end());
        CHECK(image->end().value() + behind <= abi::user_top);
        if (image->size() <= std::uint64_t{1} << 20) {
            Memory memory{std::vector<std::byte>(image->size())};
            image->load_into(memory);
        }
    }
    CHECK(accepted > 100);
}

TEST("segments out of order may share addresses with what is not loaded, and lie below or above one another") {
    ElfFile file;
    file.segments = {
        ElfSegment{.address = 0x404000, .data = bytes("highest")},
        ElfSegment{.type = pt_note, .address = 0x400000, .data = bytes("not loaded")},
        ElfSegment{.address = 0x400000, .data = {}, .memory_size = 0x1000},
        ElfSegment{.address = 0x400000, .data = bytes("lowest")},
        ElfSegment{.address = 0x402000, .data = bytes("between")},
    };
    CHECK(ElfImage::parse(file.build(), behind).has_value());
    file.segments[4].address = 0x400004;
    CHECK_EQUAL(refused(file.build()).fault, ElfFault::overlapping_segments);
}
