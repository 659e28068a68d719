// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <frame/asid.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/paging.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/entry.hpp"
#include "kernel/boot/initial_thread.hpp"
#include "kernel/object/tcb.hpp"
#include "tests/support/elf_file.hpp"
#include "tests/support/test.hpp"

/// Modelled machines on which the initial thread is built, and ways to look at what came of it.
namespace test::boot {

using frame::PhysicalAddress;
using frame::PhysicalRange;
using kernel::boot::BootError;
using kernel::boot::BootFault;
using kernel::boot::InitialThread;

namespace cap = abi::initial_cap;
namespace layout = abi::boot_info::layout;
using abi::boot_info::BootInfo;

inline constexpr std::uint64_t page = 4096;
inline constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

inline PhysicalRange range(std::uint64_t start, std::uint64_t end) {
    return {PhysicalAddress{start}, PhysicalAddress{end}};
}

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

/// Every byte of RAM is in exactly one of: the kernel image, an object or frame of the initial thread, an untyped.
inline void check_memory_is_complete(System& system) {
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

/// A machine with a little memory and the simplest root task.
inline void describe_small(Machine& machine, const std::vector<std::byte>& file) {
    machine.add_ram(mebibyte, 32 * mebibyte);
    machine.description.kernel_image = range(mebibyte, 2 * mebibyte);
    if (!file.empty()) {
        machine.add_module(4 * mebibyte, file);
    }
}

inline void check_refused(const Machine& machine, BootFault fault, std::string_view message) {
    System system{machine};
    CHECK(!system.built.has_value());
    CHECK_EQUAL(system.built.error().fault, fault);
    const auto text = kernel::boot::describe(system.built.error(), machine.boot);
    CHECK_EQUAL(std::string{text.view()}, std::string{message});
}

}  // namespace test::boot
