// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

using namespace boot_inputs;
using frame::BootDescription;
using frame::PhysicalAddress;

namespace {

constexpr std::uint64_t information = 0x8000;

Bytes tag(std::uint32_t type, const Bytes& content) {
    return Bytes{}.u32(type).u32(content.size() + 8).append(content).align(8);
}

Bytes command_line() { return tag(1, Bytes{}.text("debug_port=0x2f8").u8(0)); }
Bytes module(std::uint32_t start = 0x40'0000, std::uint32_t end = 0x40'1001) {
    return tag(3, Bytes{}.u32(start).u32(end).text("root task").u8(0));
}
Bytes memory_map() {
    return tag(6,
               Bytes{}.u32(24).u32(0).u64(0).u64(0x9fc00).u32(1).u32(0).u64(0x10'0000).u64(0x1ff0'0000).u32(1).u32(0));
}
Bytes framebuffer() {
    return tag(8, Bytes{}.u64(0x8000'0000).u32(4096).u32(1024).u32(768).u8(32).u8(1).u16(0).zeros(6));
}
Bytes old_rsdp() { return tag(14, Bytes{}.text("RSD PTR ").zeros(12)); }
Bytes new_rsdp() { return tag(15, Bytes{}.text("RSD PTR ").zeros(27).u8(0x55)); }
Bytes end() { return tag(0, Bytes{}); }

Bytes whole(std::initializer_list<Bytes> tags) {
    Bytes all = Bytes{}.u32(0).u32(0);
    for (const Bytes& each : tags) {
        all.append(each);
    }
    all.set(0, all.size(), 4);
    return all;
}

frame::boot::Result<void> read(const Bytes& bytes, BootDescription& description) {
    FakeMemory memory;
    memory.put(information, bytes);
    return frame::boot::read_multiboot2(memory.view(), PhysicalAddress{information}, description);
}

std::string message_for(const Bytes& bytes) {
    BootDescription description;
    return std::string{message(read(bytes, description))};
}

TEST("complete information is read in full") {
    BootDescription description;
    const Bytes bytes = whole({command_line(), old_rsdp(), module(), memory_map(), tag(21, Bytes{}.u32(7)),
                               framebuffer(), new_rsdp(), end()});
    CHECK_EQUAL(message(read(bytes, description)), "(no error)");
    CHECK(description.protocol == frame::BootProtocol::multiboot2);
    CHECK_EQUAL(description.command_line.view(), "debug_port=0x2f8");
    CHECK_EQUAL(description.modules.size(), 1U);
    CHECK_EQUAL(description.modules[0].range.end.value(), 0x40'1001U);
    CHECK_EQUAL(description.modules[0].name.view(), "root task");
    CHECK_EQUAL(description.memory_map.size(), 2U);
    CHECK_EQUAL(description.memory_map[1].size, 0x1ff0'0000U);
    CHECK(description.framebuffer.has_value());
    CHECK_EQUAL(description.framebuffer->address, 0x8000'0000U);
    CHECK_EQUAL(description.framebuffer->pitch, 4096U);
    CHECK_EQUAL(description.framebuffer->width, 1024U);
    CHECK_EQUAL(description.framebuffer->height, 768U);
    CHECK_EQUAL(description.framebuffer->bits_per_pixel, 32);
    CHECK_EQUAL(description.framebuffer->type, 1);
    CHECK(description.rsdp.has_value());
    CHECK_EQUAL(std::to_integer<unsigned>((*description.rsdp)[35]), 0x55U);
}

TEST("the new RSDP wins over the old one in either order") {
    for (const Bytes& bytes :
         {whole({new_rsdp(), old_rsdp(), memory_map(), end()}), whole({old_rsdp(), new_rsdp(), memory_map(), end()})}) {
        BootDescription description;
        CHECK_EQUAL(message(read(bytes, description)), "(no error)");
        CHECK_EQUAL(std::to_integer<unsigned>((*description.rsdp)[35]), 0x55U);
    }
}

TEST("malformed information") {
    CHECK_EQUAL(message_for(Bytes{}.u32(0x1000).u32(0)),
                "multiboot2: the information at 0x8000 of 4096 bytes lies outside memory; the boot loader is broken");
    CHECK_EQUAL(message_for(Bytes{}.zeros(4)),
                "multiboot2: the information at 0x8000 of 0 bytes lies outside memory; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({memory_map()})),
                "multiboot2: the tags end at offset 72 of 72 without an end tag; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({Bytes{}.u32(1).u32(0), end()})),
                "multiboot2: the tag at offset 8 (type 1) has length 0; a tag has at least 8 bytes and ends within the "
                "information's 24; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({Bytes{}.u32(1).u32(0xffff'fff8), end()})),
                "multiboot2: the tag at offset 8 (type 1) has length 4294967288; a tag has at least 8 bytes and ends "
                "within the "
                "information's 24; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({tag(3, Bytes{}.u32(1)), end()})),
                "multiboot2: the module tag has 12 bytes, at least 16 are needed; the boot loader is broken");
    CHECK_EQUAL(
        message_for(whole({module(0x40'0000, 0x3f'0000), end()})),
        "boot: module 0 ('root task') is empty: it starts at 0x400000 and ends at 0x3f0000; check the file that the "
        "loader was given");
    CHECK_EQUAL(message_for(whole({tag(6, Bytes{}.u32(16).u32(0)), end()})),
                "multiboot2: memory map entries of 16 bytes, at least 24 are needed; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({tag(6, Bytes{}.u32(24).u32(0).u64(0).u32(1)), end()})),
                "multiboot2: the memory map entry at offset 16 of 28 is cut off; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({tag(6, Bytes{}.u32(24)), end()})),
                "multiboot2: the memory map tag has 12 bytes, at least 16 are needed; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({tag(8, Bytes{}.u64(1)), end()})),
                "multiboot2: the framebuffer tag has 16 bytes, at least 30 are needed; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({tag(15, Bytes{}.zeros(35)), end()})),
                "multiboot2: the ACPI RSDP tag has 43 bytes, at least 44 are needed; the boot loader is broken");
    CHECK_EQUAL(message_for(whole({tag(14, Bytes{}.zeros(19)), end()})),
                "multiboot2: the ACPI RSDP tag has 27 bytes, at least 28 are needed; the boot loader is broken");
    CHECK_EQUAL(
        message_for(whole({command_line(), end()})),
        "multiboot2: the loader passed no memory map, so the kernel cannot know what is RAM; use a loader that does "
        "(GRUB)");
}

TEST("damaged information never leads outside memory") {
    const Bytes good = whole({command_line(), module(), memory_map(), framebuffer(), old_rsdp(), new_rsdp(), end()});
    test::for_seeds(1, 5, [&](unsigned seed) {
        damage(good, seed, [](std::span<const std::byte> bytes) {
            FakeMemory memory;
            memory.put(information, bytes);
            BootDescription description;
            const auto result = frame::boot::read_multiboot2(memory.view(), PhysicalAddress{information}, description);
            CHECK(result || !result.error().message.is_empty());
        });
    });
}

TEST("a loader that announces itself as nothing known") {
    FakeMemory memory;
    BootDescription description;
    CHECK_EQUAL(
        message(frame::boot::read_boot_information(memory.view(), 0x1234, PhysicalAddress{0}, description)),
        "boot: the loader left 0x00001234 in EAX, which is neither multiboot 1, multiboot 2 nor PVH; start this kernel "
        "with GRUB's 'multiboot2', a multiboot 1 loader (the elf32 copy) or QEMU's -kernel");
}

}  // namespace
