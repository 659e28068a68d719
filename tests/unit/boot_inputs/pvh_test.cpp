// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/boot_information.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

using namespace boot_inputs;
using frame::BootDescription;
using frame::PhysicalAddress;

namespace {

constexpr std::uint64_t information = 0x6000;
constexpr std::uint64_t modules = 0x6100;
constexpr std::uint64_t map = 0x6200;
constexpr std::uint64_t text = 0x6300;
constexpr std::uint64_t rsdp = 0xf'5a20;

Bytes good_information() {
    return Bytes{}
        .u32(frame::boot::pvh_magic)
        .u32(1)
        .u32(0)
        .u32(1)
        .u64(modules)
        .u64(text)
        .u64(rsdp)
        .u64(map)
        .u32(2)
        .u32(0);
}
Bytes good_modules() { return Bytes{}.u64(0x1fe0'0000).u64(0x1'2345).u64(0).u64(0); }
Bytes good_map() { return Bytes{}.u64(0).u64(0x9fc00).u32(1).u32(0).u64(0x10'0000).u64(0x1fee'0000).u32(1).u32(0); }

FakeMemory good_memory() {
    FakeMemory memory;
    memory.put_text(0, "interrupt vectors, and no name");
    memory.put(information, good_information()).put(modules, good_modules()).put(map, good_map());
    memory.put_text(text, "disable_iommu").put(rsdp, Bytes{}.text("RSD PTR ").zeros(28));
    return memory;
}

frame::boot::Result<void> read(FakeMemory& memory, BootDescription& description) {
    return frame::boot::read_pvh(memory.view(), PhysicalAddress{information}, description);
}

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
    CHECK(description.protocol == frame::BootProtocol::pvh);
    CHECK_EQUAL(description.command_line.view(), "disable_iommu");
    CHECK_EQUAL(description.modules.size(), 1U);
    CHECK_EQUAL(description.modules[0].range.start.value(), 0x1fe0'0000U);
    CHECK_EQUAL(description.modules[0].range.end.value(), 0x1fe1'2345U);
    CHECK_EQUAL(description.modules[0].name.view(), "");
    CHECK_EQUAL(description.memory_map.size(), 2U);
    CHECK_EQUAL(description.memory_map[1].size, 0x1fee'0000U);
    CHECK(description.rsdp.has_value());
}

TEST("no command line, no modules and no RSDP are not errors here") {
    FakeMemory memory = good_memory();
    memory.put(information, good_information().set(12, 0, 4).set(24, 0, 8).set(32, 0, 8));
    BootDescription description;
    CHECK_EQUAL(message(read(memory, description)), "(no error)");
    CHECK(description.modules.is_empty() && description.command_line.is_empty() && !description.rsdp);
}

TEST("malformed information") {
    CHECK_EQUAL(with(information, Bytes{}.zeros(39)),
                "PVH: no start information at 0x6000 (it begins with 0x336ec578); the boot loader is broken");
    CHECK_EQUAL(with(information, good_information().set(0, 0x12345678, 4)),
                "PVH: no start information at 0x6000 (it begins with 0x336ec578); the boot loader is broken");
    CHECK_EQUAL(with(information, good_information().set(4, 0, 4)),
                "PVH: start information of version 0 has no memory map; use a loader that passes version 1 (QEMU 4.0 "
                "or newer)");
    Bytes cut = good_information();
    cut.vector().resize(48);
    CHECK_EQUAL(with(information, cut),
                "PVH: the start information at 0x6000 lies outside memory; the boot loader is broken");
    CHECK_EQUAL(with(information, good_information().set(12, 2, 4)),
                "PVH: entry 1 of 2 of the module list at 0x6100 lies outside memory; the boot loader is broken");
    CHECK_EQUAL(
        with(information, good_information().set(48, 0xffff'ffff, 4)),
        "PVH: entry 2 of 4294967295 of the memory map at 0x6200 lies outside memory; the boot loader is broken");
    CHECK_EQUAL(with(modules, good_modules().set(8, 0xffff'ffff'ffff'0000, 8)),
                "PVH: module 0 at 0x1fe00000 of 18446744073709486080 bytes wraps around; the boot loader is broken");
    CHECK_EQUAL(with(modules, good_modules().set(8, 0, 8)),
                "boot: module 0 ('') is empty: it starts at 0x1fe00000 and ends at 0x1fe00000; check the file that the "
                "loader was "
                "given");
    CHECK_EQUAL(with(information, good_information().set(32, std::uint64_t{1} << 45, 8)),
                "ACPI: the RSDP at 0x200000000000, as PVH gives it, lies outside memory; the boot loader is broken");
}

TEST("damaged information never leads outside memory") {
    damage_parts({{information, good_information()}, {modules, good_modules()}, {map, good_map()}}, good_memory, read);
}

}  // namespace
