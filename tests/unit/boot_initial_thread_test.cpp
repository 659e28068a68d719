// SPDX-License-Identifier: GPL-2.0-only
//
// The whole construction of the initial thread on modelled machines, compared with what seL4 16.0.0 was recorded to do
// on the same ones (tests/recorded).
#include "kernel/boot/initial_thread.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <frame/asid.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/paging.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/entry.hpp"
#include "frame/host/processor.hpp"

#include "kernel/boot/boot_information.hpp"
#include "kernel/boot/boot_options.hpp"
#include "kernel/object/tcb.hpp"
#include "tests/support/elf_file.hpp"
#include "tests/support/json.hpp"
#include "tests/support/test.hpp"

namespace {

using frame::PhysicalAddress;
using frame::PhysicalRange;
using kernel::boot::BootError;
using kernel::boot::BootFault;
using kernel::boot::InitialThread;
using test::ElfFile;
using test::ElfSegment;
using test::Json;

namespace cap = abi::initial_cap;
namespace layout = abi::boot_info::layout;
using abi::boot_info::BootInfo;

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

PhysicalRange range(std::uint64_t start, std::uint64_t end) { return {PhysicalAddress{start}, PhysicalAddress{end}}; }

template <class T>
T number_at(const std::vector<std::byte>& bytes, std::size_t offset) {
    T value{};
    CHECK(offset + sizeof value <= bytes.size());
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// A machine, and what its loader and firmware told. Too large for a stack, and made once per process.
struct Machine {
    frame::BootDescription boot{};
    frame::MachineDescription description{};

    explicit Machine(std::uint64_t memory) {
        frame::host::Arena::create(memory);
        description.tsc_frequency_mhz = 2500;
        CHECK(description.reserved_device_memory.add(range(0xfec00000, 0xfec01000)));
        CHECK(description.reserved_device_memory.add(range(0xfee00000, 0xfee01000)));
        CHECK(description.reserved_device_memory.add(range(0xfffffff8, 0x100000000)));
    }

    void add_ram(std::uint64_t start, std::uint64_t end) {
        CHECK(description.ram.add(range(start, end)));
        CHECK(boot.memory_map.add({PhysicalAddress{start}, end - start, frame::MemoryMapEntry::ram}));
    }
    /// Puts a file into memory, as a boot loader does.
    void add_module(std::uint64_t start, const std::vector<std::byte>& file) {
        frame::detail::shadow_open(start, (file.size() + page - 1) / page * page);
        std::memcpy(frame::detail::bytes_at(PhysicalAddress{start}), file.data(), file.size());
        CHECK(boot.modules.add({range(start, start + file.size()), frame::Text<96>{"root-task"}}));
    }
};

/// What the construction made, with ways to look into it.
struct System {
    explicit System(const Machine& machine) : machine{machine} {}

    const Machine& machine;
    frame::Entry entry = frame::detail::PhaseFactory::make<frame::Entry>();
    frame::Phase phase = entry.begin();
    std::expected<InitialThread, BootError> built = kernel::boot::build_initial_thread(
        phase, frame::detail::BootMemoryFactory::make(machine.boot, machine.description), machine.boot,
        machine.description);

    [[nodiscard]] kernel::Tcb& tcb() { return *built->tcb; }
    [[nodiscard]] frame::CNodeCap root() {
        return tcb().slot(phase, frame::TcbSlot::cspace).capability().as<frame::CNodeCap>().value();
    }
    [[nodiscard]] frame::SlotRef slot(std::uint64_t index) { return frame::cnode_slot(phase, root(), index); }
    template <class Cap>
    [[nodiscard]] Cap at(std::uint64_t index) {
        const std::optional<Cap> found = slot(index).capability().as<Cap>();
        CHECK(found.has_value());
        return *found;
    }
    [[nodiscard]] frame::VSpace vspace() { return frame::VSpace::of(phase, frame::Asid{1}).value(); }

    /// `size` bytes that the initial thread sees at `address`.
    [[nodiscard]] std::vector<std::byte> user_bytes(std::uint64_t address, std::size_t size) {
        std::vector<std::byte> bytes;
        while (bytes.size() < size) {
            const std::optional<frame::Translation> found = frame::translate(vspace(), frame::UserAddress{address});
            CHECK(found.has_value() && found->is_user && found->is_writable);
            const std::uint64_t count = std::min<std::uint64_t>(page - address % page, size - bytes.size());
            const std::byte* const from = frame::detail::bytes_at(found->physical);
            bytes.insert(bytes.end(), from, from + count);
            address += count;
        }
        return bytes;
    }
    [[nodiscard]] const BootInfo& info() {
        const std::uint64_t address = tcb().block.context.get(frame::Register::rdi);
        const frame::Translation found = frame::translate(vspace(), frame::UserAddress{address}).value();
        return *frame::detail::pointer_at<const BootInfo>(found.physical.value());
    }
};

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

/// Every byte of RAM is in exactly one of: the kernel image, an object or frame of the initial thread, an untyped.
void check_memory_is_complete(System& system) {
    std::map<std::uint64_t, std::uint64_t> parts;  // start to end
    const auto add = [&](std::uint64_t start, std::uint64_t size) { CHECK(parts.emplace(start, start + size).second); };
    const PhysicalRange image = system.machine.description.kernel_image;
    add(image.start.value(), image.end.aligned_up(abi::size_bits::page).value() - image.start.value());
    const BootInfo& info = system.info();
    std::uint64_t device_bytes = 0;
    for (std::uint64_t index = 0; index < info.untyped.end; ++index) {
        const frame::Capability found = system.slot(index).capability();
        if (const auto untyped = found.as<frame::UntypedCap>()) {
            if (untyped->is_device()) {
                device_bytes += untyped->size();
            } else {
                add(untyped->start().value(), untyped->size());
            }
        } else if (const auto frame_cap = found.as<frame::FrameCap>()) {
            add(frame_cap->start().value(), page);
        } else if (found.is<frame::PdptCap>() || found.is<frame::PageDirectoryCap>() ||
                   found.is<frame::PageTableCap>() || found.is<frame::Pml4Cap>() || found.is<frame::AsidPoolCap>()) {
            add(frame::detail::CapabilityFactory::address(found), page);
        } else if (const auto cnode = found.as<frame::CNodeCap>()) {
            add(frame::detail::CapabilityFactory::address(found), cnode->slots() << abi::size_bits::slot);
        } else if (found.is<frame::ThreadCap>()) {
            add(frame::detail::CapabilityFactory::address(found), std::uint64_t{1} << abi::size_bits::tcb);
        }
    }
    std::vector<PhysicalRange> joined;
    for (const auto& [start, end] : parts) {
        if (!joined.empty() && joined.back().end.value() >= start) {
            CHECK_EQUAL(joined.back().end.value(), start);
            joined.back().end = PhysicalAddress{end};
        } else {
            joined.push_back(range(start, end));
        }
    }
    const auto ram = system.machine.description.ram.items();
    CHECK(std::ranges::equal(joined, ram));
    CHECK(device_bytes != 0);
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

/// A machine with a little memory and the simplest root task.
void describe_small(Machine& machine, const std::vector<std::byte>& file) {
    machine.add_ram(mebibyte, 32 * mebibyte);
    machine.description.kernel_image = range(mebibyte, 2 * mebibyte);
    if (!file.empty()) {
        machine.add_module(4 * mebibyte, file);
    }
}

void check_refused(const Machine& machine, BootFault fault, std::string_view message) {
    System system{machine};
    CHECK(!system.built.has_value());
    CHECK_EQUAL(system.built.error().fault, fault);
    const auto text = kernel::boot::describe(system.built.error(), machine.boot);
    CHECK_EQUAL(std::string{text.view()}, std::string{message});
}

}  // namespace

TEST("as on seL4 16.0.0: 512 MiB") { check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-512M.json"); }
TEST("as on seL4 16.0.0: 3 GiB") { check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-3G.json"); }
TEST("as on seL4 16.0.0: 8 GiB") { check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-8G.json"); }
TEST("as on seL4 16.0.0: a root CNode of 2^16 slots") {
    check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-cnode16-512M.json");
}
TEST("as on seL4 16.0.0: q35 with 3 GiB") {
    check_like_recorded("recorded/sel4-16.0.0/bootinfo-sim-debug-q35-3G.json");
}

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

TEST("refused: no boot module") {
    Machine machine{32 * mebibyte};
    describe_small(machine, {});
    check_refused(
        machine, BootFault::no_module,
        "boot: there is no boot module, so there is no root task to run: pass its ELF file (QEMU: -initrd FILE; "
        "GRUB: module2 FILE)");
}

TEST("refused: a boot module that is no root task") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{.machine = 3}.build());
    check_refused(
        machine, BootFault::bad_image,
        "boot: the root task (module 0, 'root-task', 4100 bytes) cannot be loaded: it is for another processor "
        "(ELF machine 3, x86_64 is 62): build it for x86_64");
}

TEST("refused: an image larger than memory") {
    Machine machine{32 * mebibyte};
    ElfFile file;
    file.segments[0].memory_size = std::uint64_t{64} << 30;
    describe_small(machine, file.build());
    check_refused(
        machine, BootFault::image_too_large,
        "boot: the root task (module 0, 'root-task', 4100 bytes) takes 67108864 KiB of memory in one piece, the "
        "machine has at most 28664 KiB: give it more memory (QEMU: -m), or make the program's data smaller");
}

TEST("refused: an image with more pages than the root CNode has slots") {
    Machine machine{128 * mebibyte};
    machine.add_ram(mebibyte, 128 * mebibyte);
    machine.description.kernel_image = range(mebibyte, 2 * mebibyte);
    ElfFile file;
    file.segments[0].memory_size = 64 * mebibyte;
    machine.add_module(4 * mebibyte, file.build());
    check_refused(
        machine, BootFault::root_cnode_too_small,
        "boot: the root task (module 0, 'root-task', 4100 bytes) needs 16437 slots of a root CNode that has 8192: "
        "put root_cnode_bits=15 on the kernel's command line, or more");
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

TEST("refused: a root CNode of a size that is none") {
    for (const std::string_view text : {"6", "27", "0", "", "16x", "-1", "0x", "0x1b", "99999999999999999999"}) {
        const auto options = kernel::boot::read_boot_options("root_cnode_bits=13 root_cnode_bits=" + std::string{text});
        CHECK(!options.has_value() && options.error().fault == BootFault::bad_root_cnode_bits);
    }
    CHECK_EQUAL(kernel::boot::read_boot_options("root_cnode_bits=26")->root_cnode_bits, 26U);
    CHECK_EQUAL(kernel::boot::read_boot_options("kernel root_cnode_bits")->root_cnode_bits,
                abi::config::root_cnode_size_bits);
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.boot.command_line.add("root_cnode_bits=27");
    check_refused(machine, BootFault::bad_root_cnode_bits,
                  "command line: 'root_cnode_bits=27': expected a number from 7 to 26, the log2 of the root CNode's "
                  "slots, for example root_cnode_bits=16");
}

TEST("refused: a root CNode larger than memory") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.boot.command_line.add("root_cnode_bits=26");
    check_refused(machine, BootFault::too_little_memory,
                  "boot: no 2097152 KiB of memory in one piece are left for the initial thread, only 30716 KiB: give "
                  "the machine more memory (QEMU: -m)");
}

TEST("refused: too little memory for the initial thread's objects") {
    Machine machine{2 * mebibyte};
    machine.add_ram(mebibyte, mebibyte + 40 * page);
    machine.description.kernel_image = range(mebibyte, mebibyte + 16 * page);
    machine.add_module(mebibyte + 16 * page, ElfFile{}.build());
    check_refused(
        machine, BootFault::too_little_memory,
        "boot: no 256 KiB of memory in one piece are left for the initial thread, only 84 KiB: give the machine "
        "more memory (QEMU: -m)");
}

/// A machine with so many pages of RAM, of which the kernel's image takes 16 and the root task's file two.
void describe_tiny(Machine& machine, std::uint64_t pages, std::string_view options = "root_cnode_bits=7") {
    constexpr std::uint64_t kernel_pages = 16;
    machine.add_ram(mebibyte, mebibyte + pages * page);
    machine.description.kernel_image = range(mebibyte, mebibyte + kernel_pages * page);
    machine.add_module(mebibyte + kernel_pages * page, ElfFile{}.build());
    machine.boot.command_line.add(options);
}

TEST("refused: too little memory for the first table") {
    // The root CNode takes the two pages that the root task's file leaves.
    Machine machine{2 * mebibyte};
    describe_tiny(machine, 19, "root_cnode_bits=8");
    check_refused(machine, BootFault::too_little_memory,
                  "boot: no 4 KiB of memory in one piece are left for the initial thread, only 0 KiB: give the machine "
                  "more memory (QEMU: -m)");
}

TEST("refused: too little memory, whichever object is the first without") {
    constexpr std::uint64_t enough = 27;
    for (std::uint64_t pages = 18; pages < enough; ++pages) {
        // Every test process can build one system: each size has one of its own.
        CHECK_DIES("seen", [&] {
            Machine machine{2 * mebibyte};
            describe_tiny(machine, pages);
            System system{machine};
            CHECK(!system.built.has_value());
            const BootError error = system.built.error();
            CHECK(error.fault == (pages == 18 ? BootFault::image_too_large : BootFault::too_little_memory));
            CHECK(error.available < error.needed);
            test::fail("seen", std::source_location::current());
        });
    }
    Machine machine{2 * mebibyte};
    describe_tiny(machine, enough);
    System system{machine};
    CHECK(system.built.has_value());
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

/// What the kernel prints while it starts this machine.
std::string start(Machine& machine) {
    using frame::host::Processor;
    Processor::instance().console = Processor::Console::kept;
    frame::host::start_kernel(machine.boot, machine.description);
    return Processor::instance().console_text;
}

TEST("the start says which memory the root task gets, and what of the boot loader's gifts is not used") {
    Machine machine{32 * mebibyte};
    ElfFile file;
    file.segments[0].memory_size = 60 * page;
    describe_small(machine, file.build());
    machine.add_module(8 * mebibyte, std::vector<std::byte>(5000));
    machine.boot.command_line.add("root_cnode_bits=7");
    const std::string text = start(machine);
    for (const std::string_view part :
         {"boot: 1 more boot modules are not used: the first is the root task\n", "boot: the root task root-task gets ",
          "boot: the untyped list is full: left out the "}) {
        if (text.find(part) == std::string::npos) {
            test::fail(text, std::source_location::current());
        }
    }
}

TEST("the start of a root task that the boot loader gave no name, with room for everything") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    const PhysicalRange place = machine.boot.modules[0].range;
    machine.boot.modules = {};
    CHECK(machine.boot.modules.add({place, frame::Text<96>{}}));
    const std::string text = start(machine);
    CHECK(text.find("boot: the root task gets ") != std::string::npos);
    CHECK(text.find("more boot modules") == std::string::npos);
    CHECK(text.find("the untyped list is full") == std::string::npos);
}

TEST("a machine that cannot start the root task stops and says why") {
    CHECK_DIES("boot: there is no boot module, so there is no root task to run", [] {
        Machine machine{32 * mebibyte};
        describe_small(machine, {});
        (void)start(machine);
    });
}

TEST("memory is handed out at most once") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    const auto memory = [&] { return frame::detail::BootMemoryFactory::make(machine.boot, machine.description); };
    CHECK_DIES("memory that is not free", [&] { (void)memory().make_thread(PhysicalAddress{mebibyte}); });
    CHECK_DIES("memory that is not free", [&] { (void)memory().claim_pages(PhysicalAddress{4 * mebibyte}, 1); });
    CHECK_DIES("memory that is not free", [&] { (void)memory().claim_pages(PhysicalAddress{0}, 1); });
    CHECK_DIES("memory that is not free",
               [&] { (void)memory().claim_pages(PhysicalAddress{32 * mebibyte - page}, 2); });
    CHECK_DIES("memory that is not free", [&] {
        frame::BootMemory token = memory();
        (void)token.make_page_table(PhysicalAddress{8 * mebibyte});
        (void)token.make_page_table(PhysicalAddress{8 * mebibyte});
    });
    CHECK_DIES("not aligned", [&] { (void)memory().make_cnode(PhysicalAddress{8 * mebibyte + page}, 13); });
    CHECK_DIES("modules are in use", [&] { (void)memory().make_untyped(PhysicalAddress{8 * mebibyte}, 20); });
    CHECK_DIES("given out before", [&] {
        frame::BootMemory token = memory();
        [[maybe_unused]] const frame::BootModules once = token.modules();
        [[maybe_unused]] const frame::BootModules twice = token.modules();
    });
    const auto reclaimed = [&] {
        frame::BootMemory token = memory();
        token.reclaim(token.modules());
        return token;
    };
    CHECK_DIES("out of order", [&] {
        frame::BootMemory token = reclaimed();
        (void)token.make_untyped(PhysicalAddress{8 * mebibyte}, 20);
        (void)token.make_untyped(PhysicalAddress{8 * mebibyte}, 12);
    });
    CHECK_DIES("after the untyped", [&] {
        frame::BootMemory token = reclaimed();
        (void)token.make_untyped(PhysicalAddress{8 * mebibyte}, 20);
        (void)token.make_thread(PhysicalAddress{8 * mebibyte});
    });
    CHECK_DIES("impossible size or alignment",
               [&] { (void)reclaimed().make_untyped(PhysicalAddress{8 * mebibyte + page}, 20); });
    CHECK_DIES("not free", [&] { (void)reclaimed().make_untyped(PhysicalAddress{mebibyte}, 20); });
    CHECK_DIES("device of the kernel", [&] { (void)reclaimed().make_device_untyped(PhysicalAddress{0xfee00000}, 12); });
    CHECK_DIES("to RAM", [&] { (void)reclaimed().make_device_untyped(PhysicalAddress{8 * mebibyte}, 12); });
    CHECK_DIES("beyond physical memory",
               [&] { (void)reclaimed().make_device_untyped(PhysicalAddress{std::uint64_t{1} << 47}, 12); });
    CHECK_DIES("more frames taken", [&] {
        frame::BootMemory token = memory();
        frame::BootPages pages = token.claim_pages(PhysicalAddress{8 * mebibyte}, 1);
        (void)pages.take();
        (void)pages.take();
    });
    CHECK_DIES("beyond the boot pages", [&] {
        frame::BootMemory token = memory();
        frame::BootPages pages = token.claim_pages(PhysicalAddress{8 * mebibyte}, 1);
        pages.store(page - 1, std::uint16_t{1});
    });
    CHECK_DIES("beyond the boot pages", [&] {
        frame::BootMemory token = memory();
        frame::BootPages pages = token.claim_pages(PhysicalAddress{8 * mebibyte}, 1);
        pages.write(~std::uint64_t{0}, std::vector<std::byte>(2));
    });
}
