// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/memory_map.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

#include <algorithm>
#include <set>

using namespace boot_inputs;
using frame::BootDescription;
using frame::PhysicalAddress;
using frame::PhysicalRange;
using frame::boot::RamList;

namespace {

constexpr PhysicalAddress limit{std::uint64_t{510} << 30};

struct Line {
    std::uint64_t start;
    std::uint64_t size;
    std::uint32_t type = 1;
};

BootDescription description_of(std::initializer_list<Line> lines) {
    BootDescription description;
    for (const Line& line : lines) {
        CHECK(description.memory_map.add({PhysicalAddress{line.start}, line.size, line.type}));
    }
    return description;
}

std::string ram_of(const BootDescription& description) {
    RamList ram;
    if (const auto read = frame::boot::usable_ram(description, limit, ram); !read) {
        return std::string{message(read)};
    }
    std::ostringstream text;
    for (const PhysicalRange& range : ram) {
        text << std::hex << range.start.value() << "-" << range.end.value() << " ";
    }
    return text.str();
}

TEST("RAM below 1 MiB is left out, and a line that crosses it is cut") {
    CHECK_EQUAL(ram_of(description_of({{0, 0x9fc00}, {0x10'0000, 0x70'0000}})), "100000-800000 ");
    CHECK_EQUAL(ram_of(description_of({{0x8'0000, 0x10'0000}})), "100000-180000 ");
}

TEST("lines are sorted and joined") {
    CHECK_EQUAL(ram_of(description_of({{0x80'0000, 0x10'0000}, {0x10'0000, 0x70'0000}, {0xa0'0000, 0x1000}})),
                "100000-900000 a00000-a01000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, 0x80'0000}, {0x20'0000, 0x10'0000}})), "100000-900000 ");
}

TEST("only whole pages count, and a partly claimed page is claimed") {
    CHECK_EQUAL(ram_of(description_of({{0x10'0001, 0x2fff}})), "101000-103000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, 0x10000}, {0x10'3800, 0x900, 2}})), "100000-103000 105000-110000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0800, 0x700}})),
                "boot: no RAM above 1 MiB in the loader's memory map of 1 entries; give the machine more memory (QEMU: "
                "-m 64M or "
                "more)");
}

TEST("what another line claims is no RAM, whichever comes first") {
    CHECK_EQUAL(ram_of(description_of({{0x20'0000, 0x10'0000, 3}, {0x10'0000, 0x70'0000}, {0x30'0000, 0x10'0000, 4}})),
                "100000-200000 400000-800000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, 0x70'0000}, {0, 0x50'0000, 2}})), "500000-800000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, 0x70'0000}, {0x50'0000, 0x1000'0000, 2}})), "100000-500000 ");
}

TEST("lines beyond the window or around the address space") {
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, ~std::uint64_t{0}}})), "100000-7f80000000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, 0x1000}, {std::uint64_t{1} << 40, 0x1000}})), "100000-101000 ");
    CHECK_EQUAL(ram_of(description_of({{0x10'0000, 0x10'0000}, {0x18'0000, ~std::uint64_t{0}, 2}})), "100000-180000 ");
    CHECK_EQUAL(
        ram_of(description_of({{0x10'0000, 0x10'0000}, {~std::uint64_t{0} - 5, 100, 1}, {~std::uint64_t{0}, 100, 2}})),
        "100000-200000 ");
}

TEST("without a map the upper memory of multiboot 1 counts") {
    BootDescription description;
    description.upper_memory_kib = 7 * 1024 + 2;
    CHECK_EQUAL(ram_of(description), "100000-800000 ");
}

TEST("no RAM at all, and too many pieces") {
    CHECK_EQUAL(ram_of(BootDescription{}),
                "boot: no RAM above 1 MiB in the loader's memory map of 0 entries; give the machine more memory (QEMU: "
                "-m 64M or "
                "more)");
    BootDescription description;
    for (unsigned index = 0; index < 65; ++index) {
        CHECK(description.memory_map.add({PhysicalAddress{0x10'0000 + 0x2000 * std::uint64_t{index}}, 0x1000, 1}));
    }
    CHECK_EQUAL(
        ram_of(description),
        "boot: the memory map describes more than 64 separate ranges of RAM; the kernel records no more, please report "
        "the machine");
}

/// The same question asked page by page.
std::set<std::uint64_t> model(const BootDescription& description) {
    std::set<std::uint64_t> pages;
    const auto covers = [](const frame::MemoryMapEntry& entry, std::uint64_t start, std::uint64_t end) {
        return entry.size != 0 && entry.start.value() <= start && end <= entry.start.value() + entry.size;
    };
    for (std::uint64_t page = 0x10'0000; page < 0x18'0000; page += 0x1000) {
        bool ram = false;
        bool claimed = false;
        for (const auto& entry : description.memory_map) {
            ram = ram || (entry.type == 1 && covers(entry, page, page + 0x1000));
            claimed = claimed || (entry.type != 1 && entry.size != 0 && entry.start.value() < page + 0x1000 &&
                                  page < entry.start.value() + entry.size);
        }
        if (ram && !claimed) {
            pages.insert(page);
        }
    }
    return pages;
}

TEST("random maps give the same RAM as asking page by page") {
    test::for_seeds(1, 300, [](unsigned seed) {
        std::uint64_t random = seed;
        const auto next = [&](std::uint64_t bound) {
            random = random * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
            return (random >> 33) % bound;
        };
        BootDescription description;
        for (unsigned line = 0; line < 1 + seed % 12; ++line) {
            // Starts and sizes of RAM are pages here: joining two half pages to a whole one is not promised.
            const bool is_ram = next(3) != 0;
            const std::uint64_t start = 0xf'8000 + (is_ram ? 0x1000 * next(0x40) : next(0x4'0000));
            const std::uint64_t size = is_ram ? 0x1000 * next(0x10) : next(0x8000);
            CHECK(description.memory_map.add({PhysicalAddress{start}, size, is_ram ? 1U : 2U}));
        }
        RamList ram;
        const auto expected = model(description);
        const auto read = frame::boot::usable_ram(description, limit, ram);
        CHECK_EQUAL(read.has_value(), !expected.empty());
        std::set<std::uint64_t> pages;
        PhysicalAddress last{0};
        for (const PhysicalRange& range : ram) {
            CHECK(range.start > last || last == PhysicalAddress{0});  // ascending, not touching
            last = range.end;
            for (std::uint64_t page = range.start.value(); page < range.end.value(); page += 0x1000) {
                CHECK(pages.insert(page).second);
            }
        }
        CHECK(pages == expected);
    });
}

std::string modules_of(std::initializer_list<PhysicalRange> ranges) {
    BootDescription description = description_of({{0, 0xa'0000}, {0x10'0000, 0x70'0000}, {0x80'0000, 0x80'0000}});
    for (const PhysicalRange& range : ranges) {
        CHECK(description.modules.add({range, frame::Text<96>{"task"}}));
    }
    RamList ram;
    CHECK(frame::boot::usable_ram(description, limit, ram).has_value());
    return std::string{message(
        frame::boot::check_modules(description, ram, {PhysicalAddress{0x10'0000}, PhysicalAddress{0x14'0000}}))};
}

PhysicalRange range(std::uint64_t start, std::uint64_t end) { return {PhysicalAddress{start}, PhysicalAddress{end}}; }

TEST("modules must lie in RAM, apart from the kernel and each other") {
    CHECK_EQUAL(modules_of({range(0x14'0000, 0x14'0001), range(0x20'0000, 0x100'0000)}), "(no error)");
    CHECK_EQUAL(modules_of({range(0x6'0000, 0x6'0010)}), "(no error)");  // GRUB under UEFI
    CHECK_EQUAL(modules_of({range(0xa'0000, 0xa'0010)}),
                "boot: module 0 ('task', 0xa0000 to 0xa0010) does not lie in RAM; give the machine more memory");
    CHECK_EQUAL(modules_of({range(0x20'0000, 0x100'0001)}),
                "boot: module 0 ('task', 0x200000 to 0x1000001) does not lie in RAM; give the machine more memory");
    CHECK_EQUAL(modules_of({range(0x20'0000, 0x20'1000), range(0x13'ffff, 0x15'0000)}),
                "boot: module 1 ('task', 0x13ffff to 0x150000) overlaps the kernel image; the boot loader is broken");
    CHECK_EQUAL(modules_of({range(0x20'0000, 0x20'1000), range(0x20'0fff, 0x20'2000)}),
                "boot: module 1 ('task', 0x200fff to 0x202000) overlaps another module; the boot loader is broken");
}

TEST("a module where RAM is described but cannot be read is refused") {
    // The last page is not whole, so the list of RAM leaves it out, and the window with it.
    BootDescription description = description_of({{0x10'0000, 0x70'0000}, {0x80'0000, 0x10'0800}});
    CHECK(description.modules.add({range(0x90'0100, 0x90'0200), frame::Text<96>{"task"}}));
    RamList ram;
    CHECK(frame::boot::usable_ram(description, limit, ram).has_value());
    CHECK_EQUAL(std::string{message(frame::boot::check_modules(description, ram, range(0x10'0000, 0x14'0000)))},
                "boot: module 0 ('task', 0x900100 to 0x900200) does not lie in RAM; give the machine more memory");
}

}  // namespace
