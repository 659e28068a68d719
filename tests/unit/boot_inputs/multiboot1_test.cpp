// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

using namespace boot_inputs;
using frame::BootDescription;
using frame::PhysicalAddress;
using frame::boot::read_multiboot1;

namespace {

constexpr std::uint64_t information = 0x9000;
constexpr std::uint64_t map = 0xa000;
constexpr std::uint64_t modules = 0xb000;
constexpr std::uint64_t texts = 0xc000;
constexpr std::uint64_t vbe = 0xd000;

constexpr std::uint32_t all_flags = 1 | 4 | 8 | 64 | 2048;

Bytes good_information(std::uint32_t flags = all_flags) {
    return Bytes{}
        .u32(flags)
        .u32(640)
        .u32(0x10000)  // mem_upper: 64 MiB
        .u32(0)
        .u32(texts)
        .u32(2)
        .u32(modules)
        .zeros(16)
        .u32(48)
        .u32(map)
        .zeros(20)
        .u32(vbe)
        .u32(vbe + 512)
        .u16(0x118)
        .u16(0xc000)
        .u16(0x1234)
        .u16(0x56);
}

Bytes good_map() { return Bytes{}.u32(20).u64(0).u64(0x9fc00).u32(1).u32(20).u64(0x10'0000).u64(0x3fe0'0000).u32(1); }

Bytes good_modules() {
    return Bytes{}.u32(0x40'0000).u32(0x41'2345).u32(texts + 0x100).u32(0).u32(0x50'0000).u32(0x50'0001).u32(0).u32(0);
}

FakeMemory good_memory() {
    FakeMemory memory;
    memory.put_text(0, "interrupt vectors, and no name");
    memory.put(information, good_information()).put(map, good_map()).put(modules, good_modules());
    memory.put_text(texts, "kernel console_port=0x2f8").put_text(texts + 0x100, "roottask");
    Bytes video;
    video.text("VESA").zeros(508).u16(0x9b).zeros(254);
    return std::move(memory.put(vbe, video));
}

frame::boot::Result<void> read(FakeMemory& memory, BootDescription& description) {
    return read_multiboot1(memory.view(), PhysicalAddress{information}, description);
}

/// The message for memory in which one island was replaced.
std::string with(std::uint64_t address, const Bytes& bytes) {
    FakeMemory memory = good_memory();
    memory.put(address, bytes);
    BootDescription description;
    return std::string{message(read(memory, description))};
}

TEST("complete information is read in full") {
    FakeMemory memory = good_memory();
    BootDescription description;
    CHECK_EQUAL(message(read(memory, description)), "(no error)");
    CHECK(description.protocol == frame::BootProtocol::multiboot1);
    CHECK_EQUAL(description.command_line.view(), "kernel console_port=0x2f8");
    CHECK_EQUAL(description.memory_map.size(), 2U);
    CHECK_EQUAL(description.memory_map[1].start.value(), 0x10'0000U);
    CHECK_EQUAL(description.memory_map[1].size, 0x3fe0'0000U);
    CHECK_EQUAL(description.memory_map[1].type, 1U);
    CHECK_EQUAL(description.modules.size(), 2U);
    CHECK_EQUAL(description.modules[0].range.start.value(), 0x40'0000U);
    CHECK_EQUAL(description.modules[0].range.end.value(), 0x41'2345U);
    CHECK_EQUAL(description.modules[0].name.view(), "roottask");
    CHECK_EQUAL(description.modules[1].name.view(), "");
    CHECK(description.vbe.has_value());
    CHECK_EQUAL(std::to_integer<char>(description.vbe->control[0]), 'V');
    CHECK_EQUAL(std::to_integer<unsigned>(description.vbe->mode[0]), 0x9bU);
    CHECK_EQUAL(description.vbe->mode_number, 0x118);
    CHECK_EQUAL(description.vbe->interface_segment, 0xc000);
    CHECK_EQUAL(description.vbe->interface_offset, 0x1234);
    CHECK_EQUAL(description.vbe->interface_length, 0x56);
    CHECK(!description.rsdp.has_value());
}

TEST("fields that the flags do not announce are not read") {
    FakeMemory memory = good_memory();
    memory.put(information,
               good_information(1).set(48, 0xffff'0000, 4).set(24, 0xffff'0000, 4).set(16, 0xffff'0000, 4));
    BootDescription description;
    CHECK_EQUAL(message(read(memory, description)), "(no error)");
    CHECK_EQUAL(description.upper_memory_kib, 0x10000U);
    CHECK(description.memory_map.is_empty() && description.modules.is_empty() && description.command_line.is_empty());
    CHECK(!description.vbe.has_value());
}

TEST("memory map entries may be larger than the fields that we know") {
    const Bytes wide = Bytes{}.u32(24).u64(0).u64(0x1000).u32(1).u32(0).u32(16 + 4).u64(0x2000).u64(0x3000).u32(2);
    FakeMemory memory = good_memory();
    memory.put(information, good_information().set(44, wide.size(), 4)).put(map, wide);
    BootDescription description;
    CHECK_EQUAL(message(read(memory, description)), "(no error)");
    CHECK_EQUAL(description.memory_map.size(), 2U);
    CHECK_EQUAL(description.memory_map[1].start.value(), 0x2000U);
}

TEST("malformed information") {
    CHECK_EQUAL(with(information, Bytes{}.zeros(87)),
                "multiboot: the information at 0x9000 lies outside memory; the boot loader is broken");
    CHECK_EQUAL(with(information, good_information(8)),
                "multiboot: the loader passed neither a memory map nor a memory size, so the kernel cannot know what "
                "is RAM; use "
                "a loader that does (GRUB, QEMU)");
    CHECK_EQUAL(with(information, good_information().set(48, 0xffff'fff0, 4)),
                "multiboot: the memory map at 0xfffffff0 of 48 bytes lies outside memory; the boot loader is broken");
    CHECK_EQUAL(with(information, good_information().set(44, 49, 4)),
                "multiboot: the memory map at 0xa000 of 49 bytes lies outside memory; the boot loader is broken");
    CHECK_EQUAL(with(information, good_information().set(44, 30, 4)),
                "multiboot: the memory map entry at offset 24 of 30 is cut off (an entry has at least 20 bytes); the "
                "boot loader "
                "is broken");
    CHECK_EQUAL(
        with(map, good_map().set(24, 0, 4)),
        "multiboot: the memory map entry at offset 24 of 48 is too small (an entry has at least 20 bytes); the boot "
        "loader is broken");
    CHECK_EQUAL(with(information, good_information().set(20, 3, 4)),
                "multiboot: entry 2 of 3 of the module list at 0xb000 lies outside memory; the boot loader is broken");
    CHECK_EQUAL(with(modules, good_modules().set(4, 0x40'0000, 4)),
                "boot: module 0 ('roottask') is empty: it starts at 0x400000 and ends at 0x400000; check the file that "
                "the loader "
                "was given");
    CHECK_EQUAL(
        with(modules, good_modules().set(20, 0x4f'ffff, 4)),
        "boot: module 1 ('') is empty: it starts at 0x500000 and ends at 0x4fffff; check the file that the loader was "
        "given");
    CHECK_EQUAL(
        with(information, good_information().set(76, vbe + 513, 4)),
        "multiboot: the VBE information lies outside memory; boot without a graphics mode or with another loader");
}

TEST("more modules or map entries than can be recorded") {
    Bytes many_modules;
    for (unsigned index = 0; index < 17; ++index) {
        many_modules.u32(0x100 * index).u32(0x100 * index + 1).u32(0).u32(0);
    }
    FakeMemory memory = good_memory();
    memory.put(information, good_information().set(20, 17, 4)).put(modules, many_modules);
    BootDescription description;
    CHECK_EQUAL(
        message(read(memory, description)),
        "boot: the loader passed more than 16 modules; only the first, the root task, is used: leave the others out");

    Bytes long_map;
    for (unsigned index = 0; index < 161; ++index) {
        long_map.u32(20).u64(0x1000 * index).u64(0x1000).u32(1);
    }
    memory = good_memory();
    memory.put(information, good_information().set(44, long_map.size(), 4)).put(map, long_map);
    BootDescription other;
    CHECK_EQUAL(
        message(read(memory, other)),
        "boot: the memory map has more than 160 entries; the kernel records no more, please report the machine");
}

TEST("texts without an end stop where memory does") {
    FakeMemory memory = good_memory();
    memory.put(texts, Bytes{}.text("endless"));
    BootDescription description;
    CHECK_EQUAL(message(read(memory, description)), "(no error)");
    CHECK_EQUAL(description.command_line.view(), "endless");
}

TEST("damaged information never leads outside memory") {
    damage_parts({{information, good_information()}, {modules, good_modules()}, {map, good_map()}}, good_memory, read);
}

}  // namespace
