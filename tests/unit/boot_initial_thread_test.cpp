// SPDX-License-Identifier: GPL-2.0-only
//
// What the initial thread finds: its capabilities, its memory, the boot information.
#include "kernel/boot/boot_information.hpp"
#include "kernel/boot/boot_options.hpp"
#include "tests/unit/boot_machine.hpp"

namespace test::boot {
namespace {

TEST("the thread has its capabilities, the highest priority, and no fault handler") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    System system{machine};
    CHECK(system.built.has_value());
    kernel::Tcb& tcb = system.tcb();
    CHECK_EQUAL(tcb.priority, 255);
    CHECK_EQUAL(tcb.maximum_controlled_priority, 255);
    CHECK_EQUAL(tcb.domain, 0);
    CHECK_EQUAL(tcb.fault_handler, 0U);
    CHECK_EQUAL(tcb.time_slice, abi::config::time_slice);
    CHECK_EQUAL(tcb.ipc_buffer.value(), system.info().ipc_buffer);
    CHECK(system.root().guard() == 0 && system.root().guard_size() == 64 - abi::config::root_cnode_size_bits);
    CHECK(system.at<frame::ThreadCap>(cap::tcb).tcb(system.phase) == system.built->tcb);
    CHECK_EQUAL(static_cast<std::uint64_t>(system.at<frame::Pml4Cap>(cap::vspace).asid()), 1U);
    CHECK_EQUAL(static_cast<std::uint64_t>(system.at<frame::AsidPoolCap>(cap::asid_pool).base()), 0U);
    // The TCB's capabilities are copies: those in the root CNode are not the last of their objects.
    CHECK(!system.slot(cap::cnode).is_final() && system.slot(cap::cnode).has_children());
    CHECK(!system.slot(cap::vspace).is_final());
    CHECK(system.slot(cap::tcb).is_final());
    const auto buffer = tcb.slot(system.phase, frame::TcbSlot::ipc_buffer).capability().as<frame::FrameCap>().value();
    CHECK(!buffer.is_mapped() && buffer.start() == system.at<frame::FrameCap>(cap::ipc_buffer).start());
    CHECK(tcb.slot(system.phase, frame::TcbSlot::reply).capability().as<frame::ReplyCap>()->is_master());
    CHECK(tcb.slot(system.phase, frame::TcbSlot::caller).is_empty());
    check_memory_is_complete(system);
}

TEST("an image of more than one page table is mapped as a whole") {
    Machine machine{64 * mebibyte};
    ElfFile file;
    constexpr std::uint64_t size = 5 * mebibyte;
    file.segments = {ElfSegment{.address = 0x400000, .data = std::vector<std::byte>(size, std::byte{0x5a})}};
    describe_small(machine, file.build());
    System system{machine};
    CHECK(system.built.has_value());
    for (const std::uint64_t offset : {std::uint64_t{0}, size / 2, size - page}) {
        CHECK(system.user_bytes(0x400000 + offset, page) == std::vector<std::byte>(page, std::byte{0x5a}));
    }
    check_memory_is_complete(system);
}

TEST("boot modules: the first is the root task, the memory of all goes to the user") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    // Where the image would go if nothing were there.
    machine.add_module(2 * mebibyte, std::vector<std::byte>(5000, std::byte{0x55}));
    machine.add_module(31 * mebibyte, std::vector<std::byte>(mebibyte, std::byte{0x55}));
    System system{machine};
    CHECK(system.built.has_value());
    check_memory_is_complete(system);
}

TEST("boot modules below 1 MiB, and in the last page of the kernel image, are modules like others") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.description.kernel_image.end = PhysicalAddress{machine.description.kernel_image.end.value() - page + 16};
    machine.add_module(mebibyte / 2, std::vector<std::byte>(5000, std::byte{0x55}));
    machine.add_module(machine.description.kernel_image.end.value(), std::vector<std::byte>(64, std::byte{0x55}));
    System system{machine};
    CHECK(system.built.has_value());
    check_memory_is_complete(system);
}

TEST("RAM in the middle of a page's user, memory below 1 MiB and the kernel's devices are never RAM untyped") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    System system{machine};
    CHECK(system.built.has_value());
    const BootInfo& info = system.info();
    CHECK_EQUAL(info.untyped_list[0].paddr, 0U);
    CHECK_EQUAL(info.untyped_list[0].size_bits, 20);
    CHECK_EQUAL(info.untyped_list[0].is_device, 1);
    for (std::uint64_t index = 0; index < info.untyped.end - info.untyped.start; ++index) {
        const auto& block = info.untyped_list[index];
        const PhysicalRange memory = range(block.paddr, block.paddr + (std::uint64_t{1} << block.size_bits));
        for (const PhysicalRange reserved : machine.description.reserved_device_memory.items()) {
            CHECK(!memory.overlaps(reserved));
        }
        CHECK_EQUAL(block.is_device == 0, memory.overlaps(machine.description.ram[0]));
    }
}

TEST("a full untyped list loses device memory, the smallest first, and no RAM") {
    Machine machine{128 * mebibyte};
    // Islands of odd sizes, so that RAM and the holes between fall into many blocks.
    for (std::uint64_t island = 0; island < 40; ++island) {
        const std::uint64_t start = mebibyte + island * 3 * mebibyte;
        machine.add_ram(start, start + mebibyte + page * (island % 7 * 2 + 3));
    }
    machine.description.kernel_image = range(mebibyte, mebibyte + 64 * page);
    machine.add_module(7 * mebibyte, ElfFile{}.build());
    System system{machine};
    CHECK(system.built.has_value());
    const BootInfo& info = system.info();
    CHECK_EQUAL(info.untyped.end - info.untyped.start, abi::boot_info::max_untyped);
    CHECK(system.built->untyped.device_blocks_left_out > 0);
    CHECK_EQUAL(system.built->untyped.ram_blocks_left_out, 0U);
    check_memory_is_complete(system);
    bool has_all_above_4_gib = false;
    for (std::uint64_t index = 0; index < info.untyped.end - info.untyped.start; ++index) {
        has_all_above_4_gib = has_all_above_4_gib || info.untyped_list[index].size_bits == 46;
    }
    CHECK(has_all_above_4_gib);
}

TEST("boot-information blocks: VBE, RSDP, framebuffer, memory map, TSC frequency, in this order") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    frame::VbeInformation vbe{};
    vbe.control.fill(std::byte{0xcc});
    vbe.mode.fill(std::byte{0xdd});
    vbe.mode_number = 0x4118;
    vbe.interface_segment = 0xc000;
    vbe.interface_offset = 0x1234;
    vbe.interface_length = 0x56;
    machine.boot.vbe = vbe;
    machine.boot.framebuffer = frame::Framebuffer{
        .address = 0xfd000000, .pitch = 4096, .width = 1024, .height = 768, .bits_per_pixel = 32, .type = 1};
    // More lines than the block has room for; the rest is not told, its memory is given all the same.
    while (machine.boot.memory_map.size() < 60) {
        CHECK(machine.boot.memory_map.add({PhysicalAddress{0xe0000000 + machine.boot.memory_map.size()}, 1, 2}));
    }
    System system{machine};
    CHECK(system.built.has_value());
    CHECK_EQUAL(system.info().extra_len, 800U + 52U + 38U + 1220U + 20U);
    const auto bytes = system.user_bytes(system.info().ipc_buffer + 2 * page, system.info().extra_len);
    std::size_t at = 0;
    const auto begin = [&](std::uint64_t id, std::uint64_t size) {
        CHECK_EQUAL(number_at<std::uint64_t>(bytes, at), id);
        CHECK_EQUAL(number_at<std::uint64_t>(bytes, at + 8), size);
        return std::exchange(at, at + size);
    };
    const std::size_t vbe_at = begin(1, 800);
    CHECK(bytes[vbe_at + 16] == std::byte{0xcc} && bytes[vbe_at + 16 + 511] == std::byte{0xcc});
    CHECK(bytes[vbe_at + 528] == std::byte{0xdd} && bytes[vbe_at + 528 + 255] == std::byte{0xdd});
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, vbe_at + 784), 0x4118U);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, vbe_at + 788), 0xc000U);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, vbe_at + 792), 0x1234U);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, vbe_at + 796), 0x56U);
    begin(3, 52);
    const std::size_t screen = begin(4, 38);
    CHECK_EQUAL(number_at<std::uint64_t>(bytes, screen + 16), 0xfd000000U);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, screen + 24), 4096U);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, screen + 28), 1024U);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, screen + 32), 768U);
    CHECK_EQUAL(number_at<std::uint8_t>(bytes, screen + 36), 32U);
    CHECK_EQUAL(number_at<std::uint8_t>(bytes, screen + 37), 1U);
    const std::size_t map = begin(2, 1220);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, map + 16), 50U * 24U);
    CHECK_EQUAL(number_at<std::uint64_t>(bytes, map + 20 + 4), mebibyte);
    const std::size_t frequency = begin(5, 20);
    CHECK_EQUAL(number_at<std::uint32_t>(bytes, frequency + 16), 2500U);
    CHECK_EQUAL(at, bytes.size());
}

void check_root_cnode(std::uint64_t bits) {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.boot.command_line.add("root_cnode_bits=9 root_cnode_bits=", frame::hex(bits));
    System system{machine};
    CHECK(system.built.has_value());
    const std::uint64_t slots = std::uint64_t{1} << bits;
    CHECK_EQUAL(system.root().slots(), slots);
    CHECK(system.root().guard() == 0 && system.root().guard_size() == 64 - bits);
    CHECK(system.at<frame::CNodeCap>(cap::cnode).slots() == slots);
    const BootInfo& info = system.info();
    CHECK_EQUAL(info.init_thread_cnode_size_bits, bits);
    CHECK_EQUAL(info.empty.end, slots);
    CHECK_EQUAL(info.empty.start, info.untyped.end);
    CHECK(system.slot(slots - 1).is_empty());
    check_memory_is_complete(system);
}

TEST("the command line chooses the root CNode's size: 7 bits") { check_root_cnode(7); }
TEST("the command line chooses the root CNode's size: 12 bits") { check_root_cnode(12); }
TEST("the command line chooses the root CNode's size: 18 bits") { check_root_cnode(18); }

TEST("a root CNode too small for all untyped capabilities is filled, the largest first") {
    Machine machine{32 * mebibyte};
    ElfFile file;
    file.segments[0].memory_size = 60 * page;
    describe_small(machine, file.build());
    machine.boot.command_line.add("root_cnode_bits=7");
    System system{machine};
    CHECK(system.built.has_value());
    const BootInfo& info = system.info();
    CHECK_EQUAL(info.untyped.end, 128U);
    CHECK(info.empty.start == 128 && info.empty.end == 128);
    CHECK_EQUAL(system.built->untyped.ram_blocks_left_out, 0U);
    CHECK(system.built->untyped.device_blocks_left_out != 0);
    check_memory_is_complete(system);
}

TEST("RAM in more pieces than the root CNode has slots for: the smallest are left out") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.description.ram = {};
    machine.boot.memory_map = {};
    // Each of these ranges is 14 blocks, of one page up to 64 and down again.
    for (std::uint64_t piece = 1; piece < 16; ++piece) {
        machine.add_ram(piece * mebibyte + page, (piece + 1) * mebibyte - page);
    }
    machine.description.kernel_image = range(mebibyte + page, mebibyte + 2 * page);
    machine.boot.command_line.add("root_cnode_bits=7");
    System system{machine};
    CHECK(system.built.has_value());
    const BootInfo& info = system.info();
    CHECK_EQUAL(info.untyped.end, 128U);
    CHECK(system.built->untyped.ram_blocks_left_out != 0);
    CHECK_EQUAL(system.built->untyped.device_capabilities, 0U);
    std::uint64_t smallest = 64;
    for (std::uint64_t slot = info.untyped.start; slot < info.untyped.end; ++slot) {
        smallest = std::min(smallest, system.at<frame::UntypedCap>(slot).size_bits());
    }
    CHECK(smallest > 12);
}

TEST("a framebuffer without an address is none") {
    frame::BootDescription description{};
    const std::uint64_t without = kernel::boot::blocks_size(description);
    description.framebuffer = frame::Framebuffer{.width = 1024, .height = 768};
    CHECK_EQUAL(kernel::boot::blocks_size(description), without);
    description.framebuffer->address = 0xe000'0000;
    CHECK(kernel::boot::blocks_size(description) > without);
}

}  // namespace
}  // namespace test::boot
