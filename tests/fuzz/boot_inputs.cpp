// SPDX-License-Identifier: GPL-2.0-only
//
// Fuzz target: what boot loaders, firmware and image files pass. The first byte chooses the reader; the others damage what
// would be right, or stand for the whole input. The last choice goes all the way: memory map, modules and image to a
// system, of which every invariant must hold.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <frame/detail/object_memory.hpp>
#include "frame/boot/acpi.hpp"
#include "frame/boot/boot_information.hpp"
#include "frame/boot/command_line.hpp"
#include "frame/boot/memory_map.hpp"
#include "frame/host/arena.hpp"
#include "frame/host/checkpoint.hpp"
#include "frame/host/processor.hpp"
#include "kernel/boot/elf.hpp"
#include "kernel/boot/initial_thread.hpp"
#include "kernel/sched/scheduler.hpp"
#include "tests/fuzz/source.hpp"
#include "tests/machine/invariants.hpp"
#include "tests/support/elf_file.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

namespace {

using boot_inputs::Bytes;
using boot_inputs::FakeMemory;
using frame::BootDescription;
using frame::PhysicalAddress;
using test::Source;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t arena_size = std::uint64_t{5} << 20;

/// Changes some bytes, or cuts something off, as the source says.
Bytes damaged(Bytes bytes, Source& source) {
    const std::size_t changes = source.below(6);
    for (std::size_t change = 0; change < changes && bytes.size() != 0; ++change) {
        const std::size_t offset = (source.byte() + 256U * source.byte()) % bytes.size();
        const std::size_t width = std::min<std::size_t>(std::size_t{1} << source.below(4), bytes.size() - offset);
        bytes.set(offset, source.edge(), width);
    }
    if (source.chance(10) && bytes.size() != 0) {
        bytes.vector().resize((source.byte() + 256U * source.byte()) % bytes.size());
    }
    return bytes;
}

void use(const BootDescription& description) {
    frame::boot::RamList ram;
    if (frame::boot::usable_ram(description, PhysicalAddress{std::uint64_t{1} << 32}, ram)) {
        for (std::size_t index = 1; index < ram.size(); ++index) {
            if (ram[index - 1].end > ram[index].start) {
                std::abort();
            }
        }
        (void)frame::boot::check_modules(description, ram, {PhysicalAddress{0x10'0000}, PhysicalAddress{0x14'0000}});
    }
    (void)frame::boot::read_command_line(description.command_line.view());
}

void read_pvh(Source& source) {
    FakeMemory memory;
    memory.put_text(0, "interrupt vectors");
    memory.put(0x6000, damaged(Bytes{}
                                   .u32(frame::boot::pvh_magic)
                                   .u32(1)
                                   .u32(0)
                                   .u32(1)
                                   .u64(0x6100)
                                   .u64(0x6300)
                                   .u64(0xf5a20)
                                   .u64(0x6200)
                                   .u32(2)
                                   .u32(0),
                               source));
    memory.put(0x6100, damaged(Bytes{}.u64(0x1fe0'0000).u64(0x1'2345).u64(0).u64(0), source));
    memory.put(0x6200, damaged(Bytes{}.u64(0).u64(0x9fc00).u32(1).u32(0).u64(0x10'0000).u64(0x1fee'0000).u32(1).u32(0),
                               source));
    memory.put(0x6300, damaged(Bytes{}.text("disable_iommu pcid=off console_port=0x2f8").u8(0), source));
    memory.put(0xf5a20, damaged(Bytes{}.text("RSD PTR ").zeros(28), source));
    static BootDescription description;
    description = BootDescription{};
    if (frame::boot::read_pvh(memory.view(), PhysicalAddress{0x6000}, description)) {
        use(description);
    }
}

void read_multiboot1(Source& source) {
    constexpr std::uint32_t flags = 1 | 4 | 8 | 64 | 2048;
    FakeMemory memory;
    memory.put_text(0, "interrupt vectors");
    memory.put(0x9000, damaged(Bytes{}
                                   .u32(flags)
                                   .u32(640)
                                   .u32(0x10000)
                                   .u32(0)
                                   .u32(0xc000)
                                   .u32(2)
                                   .u32(0xb000)
                                   .zeros(16)
                                   .u32(48)
                                   .u32(0xa000)
                                   .zeros(20)
                                   .u32(0xd000)
                                   .u32(0xd200)
                                   .u16(0x118)
                                   .u16(0xc000)
                                   .u16(0x1234)
                                   .u16(0x56),
                               source));
    memory.put(
        0xa000,
        damaged(Bytes{}.u32(20).u64(0).u64(0x9fc00).u32(1).u32(20).u64(0x10'0000).u64(0x3fe0'0000).u32(1), source));
    memory.put(
        0xb000,
        damaged(Bytes{}.u32(0x40'0000).u32(0x41'2345).u32(0xc100).u32(0).u32(0x50'0000).u32(0x50'0001).u32(0).u32(0),
                source));
    memory.put(0xc000, damaged(Bytes{}.text("kernel debug_port=0x2f8").u8(0), source));
    memory.put(0xc100, damaged(Bytes{}.text("roottask").u8(0), source));
    memory.put(0xd000, damaged(Bytes{}.text("VESA").zeros(508).u16(0x9b).zeros(254), source));
    static BootDescription description;
    description = BootDescription{};
    if (frame::boot::read_multiboot1(memory.view(), PhysicalAddress{0x9000}, description)) {
        use(description);
    }
}

Bytes tag(std::uint32_t type, const Bytes& content) {
    return Bytes{}.u32(type).u32(content.size() + 8).append(content).align(8);
}

void read_multiboot2(Source& source) {
    Bytes all = Bytes{}.u32(0).u32(0);
    all.append(tag(1, Bytes{}.text("debug_port=0x2f8").u8(0)))
        .append(tag(14, Bytes{}.text("RSD PTR ").zeros(12)))
        .append(tag(3, Bytes{}.u32(0x40'0000).u32(0x40'1001).text("root task").u8(0)))
        .append(tag(
            6, Bytes{}.u32(24).u32(0).u64(0).u64(0x9fc00).u32(1).u32(0).u64(0x10'0000).u64(0x1ff0'0000).u32(1).u32(0)))
        .append(tag(8, Bytes{}.u64(0x8000'0000).u32(4096).u32(1024).u32(768).u8(32).u8(1).u16(0).zeros(6)))
        .append(tag(15, Bytes{}.text("RSD PTR ").zeros(27).u8(0x55)))
        .append(tag(0, Bytes{}));
    all.set(0, all.size(), 4);
    FakeMemory memory;
    memory.put(0x8000, damaged(all, source));
    static BootDescription description;
    description = BootDescription{};
    if (frame::boot::read_multiboot2(memory.view(), PhysicalAddress{0x8000}, description)) {
        use(description);
    }
}

Bytes table(std::string_view signature, const Bytes& content, Source& source) {
    Bytes bytes = Bytes{}.text(signature).u32(36 + content.size()).u8(1).u8(0).text("OEMIDxOEMTABLE").zeros(12);
    bytes = damaged(bytes.append(content), source);
    // Mostly with a checksum that fits, so that the damage is looked at.
    return bytes.size() > 9 && source.chance(90) ? bytes.fix_sum(9, 0, bytes.size()) : bytes;
}

void read_acpi(Source& source) {
    const Bytes madt = Bytes{}
                           .u32(0xfee0'0000)
                           .u32(1)
                           .append(Bytes{}.u8(0).u8(8).u8(0).u8(0).u32(1))
                           .append(Bytes{}.u8(0).u8(8).u8(1).u8(1).u32(1))
                           .append(Bytes{}.u8(1).u8(12).u8(0).u8(0).u32(0xfec0'0000).u32(0))
                           .append(Bytes{}.u8(2).u8(10).u8(0).u8(9).u32(20).u16(0xd))
                           .append(Bytes{}.u8(4).u8(6).u8(0xff).u16(5).u8(1))
                           .append(Bytes{}.u8(9).u8(16).u16(0).u32(0x1234).u32(1).u32(5));
    FakeMemory memory;
    memory.put(0x7fe'0000, table("RSDT", Bytes{}.u32(0x7fe'2000).u32(0x7fe'3000), source));
    memory.put(0x7fe'1000, table("XSDT", Bytes{}.u64(0x7fe'2000).u64(0x7fe'3000), source));
    memory.put(0x7fe'2000, table("FACP", Bytes{}.zeros(80), source));
    memory.put(0x7fe'3000, table("APIC", madt, source));
    Bytes pointer = Bytes{}.text("RSD PTR ").u8(0).text("OEMIDx").u8(source.below(3));
    pointer.u32(0x7fe'0000).u32(36).u64(0x7fe'1000).u8(0).zeros(3);
    pointer.fix_sum(8, 0, 20).fix_sum(32, 0, 36);
    pointer = damaged(pointer, source);
    pointer.vector().resize(frame::rsdp_size);
    frame::boot::Rsdp rsdp{};
    std::ranges::copy(pointer.bytes(), rsdp.begin());
    static frame::boot::InterruptTopology topology;
    topology = frame::boot::InterruptTopology{};
    (void)frame::boot::read_interrupt_topology(memory.view(), rsdp, topology);
    memory.put(0xf'0000, pointer);
    (void)frame::boot::find_rsdp(memory.view());
}

std::vector<std::byte> image(Source& source) {
    test::ElfFile file;
    file.segments.clear();
    const std::size_t segments = 1 + source.below(3);
    for (std::size_t index = 0; index < segments; ++index) {
        file.segments.push_back(test::ElfSegment{.address = 0x40'0000 + index * 0x3000 + source.below(200) * 16,
                                                 .data = std::vector<std::byte>(source.byte() * 24U)});
        if (source.chance(30)) {
            file.segments.back().memory_size = file.segments.back().data.size() + source.byte() * 40U;
        }
        if (source.chance(10)) {
            file.segments.back().address = source.edge();
        }
        if (source.chance(10)) {
            file.segments.back().type = static_cast<std::uint32_t>(source.below(8));
        }
    }
    if (source.chance(10)) {
        file.entry = source.edge();
    }
    Bytes bytes;
    bytes.vector() = file.build();
    if (source.chance(60)) {
        bytes = damaged(bytes, source);
    }
    return bytes.vector();
}

/// Memory of an image that knows its size.
struct BoundedImage {
    std::uint64_t size = 0;
    void write(std::uint64_t offset, std::span<const std::byte> bytes) const {
        if (offset > size || bytes.size() > size - offset) {
            std::fprintf(stderr, "an image wrote beyond its end\n");
            std::abort();
        }
    }
};

void read_elf(Source& source) {
    const std::vector<std::byte> file = image(source);
    const auto parsed = kernel::boot::ElfImage::parse(file, source.below(4) * page);
    if (parsed) {
        BoundedImage memory{parsed->size()};
        parsed->load_into(memory);
    } else {
        (void)kernel::boot::describe(parsed.error());
    }
}

/// A whole boot of a machine that the source describes.
void boot(Source& source) {
    frame::host::restore();
    static BootDescription description;
    static frame::MachineDescription machine;
    description = BootDescription{};
    machine = frame::MachineDescription{};
    const std::size_t entries = 1 + source.below(4);
    for (std::size_t index = 0; index < entries; ++index) {
        const std::uint64_t start = source.chance(70) ? 0x10'0000 + source.byte() * page * 2 : source.edge();
        const std::uint64_t size = source.chance(80) ? (1 + source.byte()) * page * 4 : source.edge();
        (void)description.memory_map.add({PhysicalAddress{start}, size, source.chance(90) ? 1U : 2U});
    }
    const std::uint64_t kernel_start = 0x10'0000 + source.below(16) * page;
    const frame::PhysicalRange kernel_image{PhysicalAddress{kernel_start},
                                            PhysicalAddress{kernel_start + source.byte() * 64U + 1}};
    const std::vector<std::byte> file = image(source);
    const std::uint64_t module = 0x10'0000 + source.byte() * page;
    bool is_good =
        frame::boot::add_module(description, {PhysicalAddress{module}, PhysicalAddress{module + file.size()}}, "")
            .has_value();
    if (source.chance(20)) {
        is_good =
            frame::boot::add_module(description, {PhysicalAddress{source.edge()}, PhysicalAddress{source.edge()}}, "")
                .has_value() &&
            is_good;
    }
    if (!is_good || !frame::boot::usable_ram(description, PhysicalAddress{arena_size}, machine.ram) ||
        !frame::boot::check_modules(description, machine.ram, kernel_image)) {
        return;
    }
    frame::detail::shadow_open(module, (file.size() + page - 1) / page * page);
    std::memcpy(frame::detail::bytes_at(PhysicalAddress{module}), file.data(), file.size());
    machine.kernel_image = kernel_image;
    machine.tsc_frequency_mhz = 1000;
    machine.io_apic_count = 1;
    (void)machine.reserved_device_memory.add({PhysicalAddress{0xfec0'0000}, PhysicalAddress{0xfec0'1000}});
    (void)machine.reserved_device_memory.add({PhysicalAddress{0xfee0'0000}, PhysicalAddress{0xfee0'1000}});
    frame::Entry entry = frame::detail::PhaseFactory::make<frame::Entry>();
    const frame::Phase phase = entry.begin();
    const auto built = kernel::boot::build_initial_thread(
        phase, frame::detail::BootMemoryFactory::make(description, machine), description, machine);
    if (!built) {
        (void)kernel::boot::describe(built.error(), description);
        return;
    }
    kernel::scheduler(phase).start_with(phase, built->tcb);
    const auto violations = test::violations();
    for (const test::Violation& violation : violations) {
        std::fprintf(stderr, "invariant %s: %s\n", std::string{violation.invariant}.c_str(), violation.what.c_str());
    }
    if (!violations.empty()) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    frame::host::Arena::create(arena_size);
    frame::host::Processor::instance().console = frame::host::Processor::Console::dropped;
    frame::host::checkpoint();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    Source source{std::span{data + 1, size - 1}};
    constexpr std::array readers{read_pvh, read_multiboot1, read_multiboot2, read_acpi, read_elf, boot};
    readers.at(data[0] % readers.size())(source);
    return 0;
}
