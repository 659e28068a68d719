// SPDX-License-Identifier: GPL-2.0-only
//
// The whole construction of the initial thread on modelled machines, compared with what seL4 16.0.0 was recorded to do
// on the same ones (tests/recorded).
#include <map>
#include <string>

#include "kernel/boot/boot_information.hpp"
#include "kernel/boot/boot_options.hpp"
#include "tests/support/json.hpp"
#include "tests/unit/boot_machine.hpp"

namespace test::boot {
namespace {

/// The image that was loaded when the facts were recorded: the same headers, other bytes.
ElfFile recorded_image(const Json& facts) {
    const std::map<std::string, std::uint32_t> types{
        {"PT_LOAD", 1}, {"PT_NOTE", 4}, {"PT_TLS", 7}, {"PT_GNU_STACK", 0x6474e551}};
    ElfFile file{.segments = {}, .entry = facts["image"]["entry"].number()};
    for (const Json& segment : facts["image"]["segments"].items()) {
        const std::uint32_t type = types.at(segment["type"].text());
        std::vector<std::byte> data(type == 1 ? segment["filesz"].number() : 0);
        for (std::size_t index = 0; index < data.size(); ++index) {
            data[index] = static_cast<std::byte>((index * 7 + segment["vaddr"].number() / page) & 0xff);
        }
        file.segments.push_back(ElfSegment{.type = type,
                                           .address = segment["vaddr"].number(),
                                           .data = std::move(data),
                                           .memory_size = segment["memsz"].number()});
    }
    return file;
}

/// A recorded block of boot information.
std::vector<std::byte> recorded_block(const Json& facts, std::uint64_t id) {
    for (const Json& block : facts["extra"].items()) {
        if (block["id"].number() == id) {
            return block["data"].bytes();
        }
    }
    return {};
}

/// The memory map that the loader passed.
std::vector<frame::MemoryMapEntry> recorded_memory(const Json& facts) {
    const std::vector<std::byte> map = recorded_block(facts, abi::boot_info::chunk::x86_memory_map);
    // The block's data start behind its header.
    const std::size_t first = layout::boot_info_mmap::mmap - sizeof(abi::boot_info::ChunkHeader);
    std::vector<frame::MemoryMapEntry> entries;
    for (std::size_t at = first; at < first + number_at<std::uint32_t>(map, 0); at += layout::mb_mmap::bytes) {
        entries.push_back({PhysicalAddress{number_at<std::uint64_t>(map, at + layout::mb_mmap::base_addr)},
                           number_at<std::uint64_t>(map, at + layout::mb_mmap::length),
                           number_at<std::uint32_t>(map, at + layout::mb_mmap::type)});
    }
    return entries;
}

/// The machine on which the facts were recorded.
void describe_recorded(Machine& machine, const Json& facts) {
    for (const frame::MemoryMapEntry& entry : recorded_memory(facts)) {
        CHECK(machine.boot.memory_map.add(entry));
        if (entry.type == frame::MemoryMapEntry::ram && entry.start.value() >= mebibyte) {
            CHECK(machine.description.ram.add({entry.start, entry.start.plus(entry.size)}));
        }
    }
    // A kernel of seL4 is built for one size of the root CNode, ours is told.
    const std::uint64_t cnode_bits = facts["initThreadCNodeSizeBits"].number();
    if (cnode_bits != abi::config::root_cnode_size_bits) {
        machine.boot.command_line.add("kernel debug_exit=0xf4 root_cnode_bits=", cnode_bits);
    }
    const Json& kernel = facts["kernel_image_physical"];
    machine.description.kernel_image = range(kernel[0].number(), kernel[1].number());
    const std::vector<std::byte> rsdp = recorded_block(facts, abi::boot_info::chunk::x86_acpi_rsdp);
    std::ranges::copy(rsdp, machine.description.rsdp.begin());
    const std::vector<std::byte> frequency = recorded_block(facts, abi::boot_info::chunk::x86_tsc_frequency);
    machine.description.tsc_frequency_mhz = number_at<std::uint32_t>(frequency, 0);
    machine.add_module(kernel[1].number() + page, recorded_image(facts).build());
}

/// Where the RAM of the machine on which the facts were recorded ends; memory above 4 GiB makes up for the hole below.
std::uint64_t end_of_memory(const Json& facts) {
    std::uint64_t end = 0;
    for (const frame::MemoryMapEntry& entry : recorded_memory(facts)) {
        end = entry.type == frame::MemoryMapEntry::ram ? std::max(end, entry.start.value() + entry.size) : end;
    }
    return end;
}

void check_region(const abi::boot_info::SlotRegion& region, const Json& recorded) {
    CHECK_EQUAL(region.start, recorded[0].number());
    CHECK_EQUAL(region.end, recorded[1].number());
}

void check_like_recorded(std::string_view file) {
    const Json facts = Json::file(file);
    Machine machine{end_of_memory(facts)};
    describe_recorded(machine, facts);
    System system{machine};
    CHECK(system.built.has_value());
    const BootInfo& info = system.info();

    CHECK_EQUAL(info.extra_len, facts["extraLen"].number());
    CHECK_EQUAL(info.node_id, facts["nodeID"].number());
    CHECK_EQUAL(info.num_nodes, facts["numNodes"].number());
    CHECK_EQUAL(info.num_iopt_levels, facts["numIOPTLevels"].number());
    CHECK_EQUAL(info.ipc_buffer, facts["ipcBuffer"].number());
    CHECK_EQUAL(info.init_thread_cnode_size_bits, facts["initThreadCNodeSizeBits"].number());
    CHECK_EQUAL(info.init_thread_domain, facts["initThreadDomain"].number());
    check_region(info.shared_frames, facts["sharedFrames"]);
    check_region(info.user_image_frames, facts["userImageFrames"]);
    check_region(info.user_image_paging, facts["userImagePaging"]);
    check_region(info.io_space_caps, facts["ioSpaceCaps"]);
    check_region(info.extra_bi_pages, facts["extraBIPages"]);
    CHECK_EQUAL(info.untyped.start, facts["untyped"][0].number());
    CHECK_EQUAL(info.empty.start, info.untyped.end);
    CHECK_EQUAL(info.empty.end, facts["empty"][1].number());

    // The device part of the list, entry by entry; where RAM starts in ours, it starts in seL4's.
    std::size_t index = 0;
    for (const Json& recorded : facts["untypedList"].items()) {
        CHECK_EQUAL(std::uint64_t{info.untyped_list.at(index).is_device}, recorded[2].number());
        if (recorded[2].number() == 0) {
            break;
        }
        CHECK_EQUAL(info.untyped_list[index].paddr, recorded[0].number());
        CHECK_EQUAL(std::uint64_t{info.untyped_list[index].size_bits}, recorded[1].number());
        ++index;
    }
    CHECK(index > 50);
    for (; index < info.untyped.end - info.untyped.start; ++index) {
        CHECK_EQUAL(info.untyped_list[index].is_device, 0);
        CHECK(index == 0 || info.untyped_list[index - 1].is_device != 0 ||
              info.untyped_list[index - 1].paddr < info.untyped_list[index].paddr);
    }
    for (; index < info.untyped_list.size(); ++index) {
        CHECK_EQUAL(info.untyped_list[index].paddr, 0U);
        CHECK_EQUAL(info.untyped_list[index].size_bits, 0);
    }

    // Which kind of capability is in which slot, up to the untyped ones.
    for (const Json& recorded : facts["slot_capability_tags"].items()) {
        const std::uint64_t end = std::min(recorded[1].number(), info.untyped.start);
        for (std::uint64_t at = recorded[0].number(); at < end; ++at) {
            CHECK_EQUAL(static_cast<std::uint64_t>(system.slot(at).capability().tag()), recorded[2].number());
        }
    }
    for (std::uint64_t at = info.untyped.start; at < info.untyped.end; ++at) {
        const auto untyped = system.at<frame::UntypedCap>(at);
        const auto& described = info.untyped_list[at - info.untyped.start];
        CHECK_EQUAL(untyped.start().value(), described.paddr);
        CHECK_EQUAL(untyped.size_bits(), std::uint64_t{described.size_bits});
        CHECK_EQUAL(untyped.is_device(), described.is_device != 0);
        // In use from end to end, so that the first retype clears it.
        CHECK_EQUAL(untyped.watermark(), untyped.size());
    }
    CHECK(system.slot(info.empty.start).is_empty());
    CHECK_EQUAL(system.built->untyped.device_blocks_left_out, 0U);

    // The registers at the first instruction.
    const std::map<std::string_view, frame::Register> registers{
        {"rax", frame::Register::rax}, {"rbx", frame::Register::rbx},      {"rcx", frame::Register::rcx},
        {"rdx", frame::Register::rdx}, {"rsi", frame::Register::rsi},      {"rdi", frame::Register::rdi},
        {"rbp", frame::Register::rbp}, {"rsp", frame::Register::rsp},      {"r8", frame::Register::r8},
        {"r9", frame::Register::r9},   {"r10", frame::Register::r10},      {"r11", frame::Register::r11},
        {"r12", frame::Register::r12}, {"r13", frame::Register::r13},      {"r14", frame::Register::r14},
        {"r15", frame::Register::r15}, {"rflags", frame::Register::rflags}};
    for (const auto& [name, reg] : registers) {
        CHECK_EQUAL(system.tcb().block.context.get(reg), facts["initial_registers"][name].number());
    }
    CHECK_EQUAL(system.tcb().block.context.get(frame::Register::next_ip), facts["image"]["entry"].number());
    CHECK_EQUAL(facts["bootinfo_vaddr"].number(), system.tcb().block.context.get(frame::Register::rdi));

    // The blocks behind the boot information: the same, one after the other.
    std::uint64_t address = facts["bootinfo_vaddr"].number() + page;
    for (const Json& recorded : facts["extra"].items()) {
        const auto header = system.user_bytes(address, sizeof(abi::boot_info::ChunkHeader));
        CHECK_EQUAL(number_at<std::uint64_t>(header, 0), recorded["id"].number());
        CHECK_EQUAL(number_at<std::uint64_t>(header, 8), recorded["len"].number());
        const auto data = recorded["data"].bytes();
        CHECK(system.user_bytes(address + sizeof(abi::boot_info::ChunkHeader), data.size()) == data);
        address += recorded["len"].number();
    }

    // The image, page by page: mapped by the capability that the slot holds, with the file's bytes.
    std::uint64_t at = info.user_image_frames.start;
    for (std::uint64_t start = 0x400000; start < info.ipc_buffer; start += page, ++at) {
        const auto frame_cap = system.at<frame::FrameCap>(at);
        CHECK(frame_cap.mapping() == (frame::Mapping{frame::Asid{1}, frame::UserAddress{start}}));
        CHECK(frame::translate(system.vspace(), frame::UserAddress{start})->physical == frame_cap.start());
        CHECK(frame_cap.rights() == frame::VmRights::read_write && !frame_cap.is_device());
    }
    CHECK_EQUAL(at, info.user_image_frames.end);
    for (const ElfSegment& segment : recorded_image(facts).segments) {
        CHECK(system.user_bytes(segment.address, segment.data.size()) == segment.data);
        if (segment.type == 1) {
            const auto rest =
                system.user_bytes(segment.address + segment.data.size(), *segment.memory_size - segment.data.size());
            CHECK(std::ranges::all_of(rest, [](std::byte byte) { return byte == std::byte{0}; }));
        }
    }
    CHECK(!frame::translate(system.vspace(), frame::UserAddress{info.ipc_buffer + 3 * page}).has_value());
    check_memory_is_complete(system);
}

TEST("as on seL4 16.0.0: 512 MiB") { check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-512M.json"); }
TEST("as on seL4 16.0.0: 3 GiB") { check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-3G.json"); }
TEST("as on seL4 16.0.0: 8 GiB") { check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-8G.json"); }
TEST("as on seL4 16.0.0: a root CNode of 2^16 slots") {
    check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-cnode16-512M.json");
}
TEST("as on seL4 16.0.0: q35 with 3 GiB") {
    check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-q35-3G.json");
}

}  // namespace
}  // namespace test::boot
