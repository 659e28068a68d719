// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/acpi.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

using namespace boot_inputs;
using frame::boot::InterruptTopology;
using frame::boot::Rsdp;

namespace {

constexpr std::uint64_t rsdt = 0x7fe'0000;
constexpr std::uint64_t xsdt = 0x7fe'1000;
constexpr std::uint64_t fadt = 0x7fe'2000;
constexpr std::uint64_t madt = 0x7fe'3000;

#define WAY_OUT "; update the firmware, or boot another way if the loader rewrites ACPI"

Bytes table(std::string_view signature, const Bytes& content) {
    Bytes bytes = Bytes{}.text(signature).u32(36 + content.size()).u8(1).u8(0).text("OEMIDxOEMTABLE").zeros(12);
    bytes.append(content);
    return bytes.fix_sum(9, 0, bytes.size());
}

Bytes rsdp_bytes(unsigned revision) {
    Bytes bytes = Bytes{}.text("RSD PTR ").u8(0).text("OEMIDx").u8(revision).u32(rsdt).u32(36).u64(xsdt).u8(0).zeros(3);
    return bytes.fix_sum(8, 0, 20).fix_sum(32, 0, 36);
}

Rsdp rsdp(const Bytes& bytes = rsdp_bytes(2)) {
    Rsdp result{};
    std::ranges::copy(bytes.bytes(), result.begin());
    return result;
}

Bytes core(unsigned id, unsigned flags = 1) { return Bytes{}.u8(0).u8(8).u8(id).u8(id).u32(flags); }
Bytes io_apic(unsigned id, std::uint32_t address) {
    return Bytes{}.u8(1).u8(12).u8(id).u8(0).u32(address).u32(24 * id);
}
Bytes entries() {
    return Bytes{}
        .append(core(0))
        .append(core(1))
        .append(core(2, 2))
        .append(io_apic(0, 0xfec0'0000))
        .append(Bytes{}.u8(2).u8(10).u8(0).u8(9).u32(20).u16(0xd))
        .append(Bytes{}.u8(4).u8(6).u8(0xff).u16(5).u8(1))
        .append(Bytes{}.u8(9).u8(16).u16(0).u32(0x1234).u32(1).u32(5))
        .append(Bytes{}.u8(0x42).u8(5).zeros(3));
}
Bytes good_madt(const Bytes& content = entries()) {
    return table("APIC", Bytes{}.u32(0xfee0'0000).u32(1).append(content));
}

FakeMemory good_memory() {
    FakeMemory memory;
    memory.put(rsdt, table("RSDT", Bytes{}.u32(fadt).u32(madt)));
    memory.put(xsdt, table("XSDT", Bytes{}.u64(fadt).u64(madt)));
    memory.put(fadt, table("FACP", Bytes{}.zeros(80))).put(madt, good_madt());
    return memory;
}

std::string read(FakeMemory& memory, const Rsdp& pointer, InterruptTopology& topology) {
    return std::string{message(frame::boot::read_interrupt_topology(memory.view(), pointer, topology))};
}

std::string with(std::uint64_t address, const Bytes& bytes) {
    FakeMemory memory = good_memory();
    memory.put(address, bytes);
    InterruptTopology topology;
    return read(memory, rsdp(), topology);
}

std::string with_rsdp(const Bytes& bytes) {
    FakeMemory memory = good_memory();
    InterruptTopology topology;
    return read(memory, rsdp(bytes), topology);
}

TEST("a good MADT is read in full, through RSDT and XSDT") {
    for (const unsigned revision : {0U, 2U}) {
        FakeMemory memory = good_memory();
        InterruptTopology topology;
        CHECK_EQUAL(read(memory, rsdp(rsdp_bytes(revision)), topology), "(no error)");
        CHECK_EQUAL(topology.local_apic.value(), 0xfee0'0000U);
        CHECK(topology.has_8259);
        CHECK_EQUAL(topology.cores.size(), 3U);  // the third local APIC is disabled, the x2APIC one counts
        CHECK_EQUAL(topology.cores[1].apic_id, 1U);
        CHECK_EQUAL(topology.cores[2].apic_id, 0x1234U);
        CHECK_EQUAL(topology.io_apics.size(), 1U);
        CHECK_EQUAL(topology.io_apics[0].address.value(), 0xfec0'0000U);
        CHECK_EQUAL(topology.overrides.size(), 1U);
        CHECK_EQUAL(topology.overrides[0].source, 9);
        CHECK_EQUAL(topology.overrides[0].global_interrupt, 20U);
        CHECK_EQUAL(topology.overrides[0].flags, 0xd);
        CHECK_EQUAL(topology.nmi_inputs.size(), 1U);
        CHECK_EQUAL(topology.nmi_inputs[0].input, 1);
    }
}

TEST("a core listed as local APIC and x2APIC counts once") {
    FakeMemory memory = good_memory();
    memory.put(madt, good_madt(Bytes{}
                                   .append(core(7))
                                   .append(Bytes{}.u8(9).u8(16).u16(0).u32(7).u32(1).u32(0))
                                   .append(io_apic(0, 0xfec0'0000))));
    InterruptTopology topology;
    CHECK_EQUAL(read(memory, rsdp(), topology), "(no error)");
    CHECK_EQUAL(topology.cores.size(), 1U);
}

TEST("the address override moves the local APIC") {
    FakeMemory memory = good_memory();
    memory.put(madt, good_madt(entries().append(Bytes{}.u8(5).u8(12).u16(0).u64(0x1'0000'0000))));
    InterruptTopology topology;
    CHECK_EQUAL(read(memory, rsdp(), topology), "(no error)");
    CHECK_EQUAL(topology.local_apic.value(), 0x1'0000'0000U);
}

TEST("malformed RSDP") {
    CHECK_EQUAL(with_rsdp(rsdp_bytes(2).set(0, 'X', 1)), "ACPI: the RSDP does not begin with 'RSD PTR '" WAY_OUT);
    CHECK_EQUAL(with_rsdp(rsdp_bytes(2).set(9, 'Y', 1)),
                "ACPI: the RSDP's checksum is wrong (its first 20 bytes add up to 0x0a, not 0)" WAY_OUT);
    CHECK_EQUAL(with_rsdp(rsdp_bytes(2).set(35, 1, 1)),
                "ACPI: the RSDP's extended checksum is wrong (its 36 bytes add up to 0x01, not 0)" WAY_OUT);
    // Revision 0 has no extended checksum.
    CHECK_EQUAL(with_rsdp(rsdp_bytes(0).set(35, 1, 1)), "(no error)");
    CHECK_EQUAL(with_rsdp(rsdp_bytes(2).set(24, 0xdead'0000, 8).fix_sum(32, 0, 36)),
                "ACPI: the XSDT at 0xdead0000 lies outside memory" WAY_OUT);
}

TEST("malformed root tables") {
    CHECK_EQUAL(with(xsdt, table("XSDX", Bytes{}.u64(madt))),
                "ACPI: no XSDT at 0x7fe1000 (its signature is missing)" WAY_OUT);
    CHECK_EQUAL(with(xsdt, table("XSDT", Bytes{}.u64(madt)).set(10, 'P', 1)),
                "ACPI: the checksum of the XSDT at 0x7fe1000 is wrong (its 44 bytes add up to 0x01, not 0)" WAY_OUT);
    CHECK_EQUAL(with(xsdt, table("XSDT", Bytes{}).set(4, 35, 4)),
                "ACPI: the XSDT at 0x7fe1000 has length 35; a table has 36 to 1048576 bytes" WAY_OUT);
    CHECK_EQUAL(with(xsdt, table("XSDT", Bytes{}).set(4, 0xffff'fff0, 4)),
                "ACPI: the XSDT at 0x7fe1000 has length 4294967280; a table has 36 to 1048576 bytes" WAY_OUT);
    CHECK_EQUAL(with(xsdt, table("XSDT", Bytes{}.u64(madt)).set(4, 45, 4)),
                "ACPI: the XSDT at 0x7fe1000 of 45 bytes ends outside memory" WAY_OUT);
    CHECK_EQUAL(with(xsdt, table("XSDT", Bytes{}.u64(fadt).u64(0x10))),
                "ACPI: no table 'APIC' among the 2 that the XSDT lists: the machine does not describe its APICs; "
                "switch ACPI on "
                "in the firmware or emulator");
}

TEST("malformed MADT") {
    CHECK_EQUAL(with(madt, good_madt().set(10, 'Q', 1)),
                "ACPI: the checksum of the APIC at 0x7fe3000 is wrong (its 117 bytes add up to 0x02, not 0)" WAY_OUT);
    CHECK_EQUAL(with(madt, table("APIC", Bytes{}.u32(0xfee0'0000))),
                "ACPI: the MADT has length 40, too short for its own fields (44 bytes)" WAY_OUT);
    CHECK_EQUAL(with(madt, good_madt(Bytes{}.append(core(0)).u8(1).u8(0).zeros(10))),
                "ACPI: MADT entry at offset 52 has length 0; its type 1 needs at least 12 bytes" WAY_OUT);
    CHECK_EQUAL(with(madt, good_madt(Bytes{}.u8(0x42).u8(1))),
                "ACPI: MADT entry at offset 44 has length 1; its type 66 needs at least 2 bytes" WAY_OUT);
    CHECK_EQUAL(with(madt, good_madt(Bytes{}.append(core(0)).u8(1).u8(13).zeros(10))),
                "ACPI: MADT entry at offset 52 has length 13 and reaches beyond the table's 64 bytes" WAY_OUT);
    CHECK_EQUAL(with(madt, good_madt(Bytes{}.append(core(0)).u8(1))),
                "ACPI: MADT entry at offset 52 has length 0; its type 1 needs at least 12 bytes" WAY_OUT);
    CHECK_EQUAL(with(madt, good_madt(Bytes{}.append(core(0, 0)).append(io_apic(0, 0xfec0'0000)))),
                "ACPI: the MADT lists no enabled processor" WAY_OUT);
    CHECK_EQUAL(with(madt, good_madt(core(0))),
                "ACPI: the MADT lists no I/O APIC, and the kernel does not use the 8259; switch the I/O APIC on in the "
                "firmware");
    Bytes many;
    for (unsigned index = 0; index < 17; ++index) {
        many.append(io_apic(index, 0xfec0'0000 + 0x1000 * index));
    }
    CHECK_EQUAL(
        with(madt, good_madt(many)),
        "ACPI: MADT entry at offset 236 is one more of type 1 than the kernel records; please report the machine");
}

TEST("the RSDP is found in the BIOS area and in the EBDA") {
    FakeMemory memory;
    memory.put(0x400, Bytes{}.zeros(0x0e).u16(0x9fc0).zeros(0xf0));
    memory.put(0xe'0000, Bytes{}.zeros(0x1'5a20).append(rsdp_bytes(2)).zeros(0x1000).align(0x2'0000));
    auto found = frame::boot::find_rsdp(memory.view());
    CHECK_EQUAL(message(found), "(no error)");
    CHECK_EQUAL(std::to_integer<unsigned>((*found)[15]), 2U);

    memory.put(0x9'fc00, Bytes{}.zeros(0x40).append(rsdp_bytes(0)).zeros(0x39c));
    found = frame::boot::find_rsdp(memory.view());
    CHECK_EQUAL(message(found), "(no error)");
    CHECK_EQUAL(std::to_integer<unsigned>((*found)[15]), 0U);
}

TEST("an RSDP at the very end of the BIOS area, of the old size") {
    FakeMemory memory;
    Bytes area = Bytes{}.zeros(0x1'ffe0).append(rsdp_bytes(0));
    area.vector().resize(0x2'0000);
    memory.put(0xe'0000, area);
    CHECK_EQUAL(message(frame::boot::find_rsdp(memory.view())), "(no error)");
}

TEST("no RSDP, or only one with a wrong checksum or off its boundary") {
    FakeMemory memory;
    memory.put(0xe'0000, Bytes{}
                             .zeros(0x100)
                             .append(rsdp_bytes(2).set(8, 0x42, 1))
                             .align(16)
                             .zeros(8)
                             .append(rsdp_bytes(2))
                             .align(0x2'0000));
    CHECK_EQUAL(message(frame::boot::find_rsdp(memory.view())),
                "ACPI: no RSDP from the loader, and none in the BIOS area (0xe0000 to 0xfffff); switch ACPI on in the "
                "firmware or "
                "emulator, or boot through a multiboot 2 loader under UEFI");
}

TEST("damaged tables never lead outside memory") {
    const auto read_damaged = [](std::uint64_t address, bool right_sum) {
        return [address, right_sum](std::span<const std::byte> bytes) {
            Bytes copy;
            copy.vector().assign(bytes.begin(), bytes.end());
            if (right_sum && copy.size() > 9) {
                copy.fix_sum(9, 0, copy.size());  // the damage behind an intact checksum
            }
            FakeMemory memory = good_memory();
            memory.put(address, copy);
            InterruptTopology topology;
            CHECK(!read(memory, rsdp(), topology).empty());
        };
    };
    test::for_seeds(1, 3, [&](unsigned seed) {
        for (const bool right_sum : {false, true}) {
            damage(table("XSDT", Bytes{}.u64(fadt).u64(madt)), seed, read_damaged(xsdt, right_sum));
            damage(good_madt(), seed, read_damaged(madt, right_sum));
        }
        damage(rsdp_bytes(2), seed, [](std::span<const std::byte> bytes) {
            Bytes copy;
            copy.vector().assign(bytes.begin(), bytes.end());
            copy.vector().resize(36);
            copy.fix_sum(8, 0, 20).fix_sum(32, 0, 36);
            CHECK(!with_rsdp(copy).empty());
        });
    });
}

}  // namespace
