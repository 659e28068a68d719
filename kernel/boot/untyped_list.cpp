// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/boot/untyped_list.hpp"

#include <algorithm>

#include "kernel/boot/memory_plan.hpp"

namespace kernel::boot {

namespace {

using abi::boot_info::BootInfo;
using abi::boot_info::UntypedDescription;

constexpr frame::PhysicalAddress device_end{abi::config::paddr_user_device_top};

/// Calls `visit` with every block of RAM that is left, ascending.
template <class Visit>
void for_each_ram_block(const frame::BootMemory& memory, Visit visit) {
    const std::span<const frame::PhysicalRange> free = memory.free();
    for (std::size_t index = 0; index < free.size(); ++index) {
        for_each_block(free[index], visit);
    }
}

/// Calls `visit` with every block that is neither RAM nor the kernel's, ascending.
template <class Visit>
void for_each_device_block(const frame::BootMemory& memory, Visit visit) {
    for_each_gap(memory.reserved(), device_end, [&](frame::PhysicalRange gap) { for_each_block(gap, visit); });
}

/// Puts capabilities into slots, one behind the other, and describes them.
class [[gsl::Pointer]] List {
public:
    List(const frame::Phase& phase [[clang::lifetimebound]], const frame::BootMemory& memory [[clang::lifetimebound]],
         const frame::CNodeCap& root [[clang::lifetimebound]], std::uint64_t first_slot,
         BootInfo& info [[clang::lifetimebound]])
        : phase_{phase},
          memory_{memory},
          root_{root},
          first_{first_slot},
          info_{info} {}

    void add(const frame::UntypedCap& cap) {
        memory_.insert(frame::cnode_slot(phase_, root_, first_ + count_), cap);
        info_.untyped_list[count_] =
            UntypedDescription{.paddr = cap.start().value(),
                               .size_bits = static_cast<std::uint8_t>(cap.size_bits()),
                               .is_device = static_cast<std::uint8_t>(cap.is_device() ? 1 : 0)};
        ++count_;
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    const frame::Phase& phase_;
    const frame::BootMemory& memory_;
    frame::CNodeCap root_;
    std::uint64_t first_;
    BootInfo& info_;
    std::uint64_t count_ = 0;
};

}  // namespace

UntypedSummary make_untyped_capabilities(const frame::Phase& phase, frame::BootMemory& memory,
                                         const frame::CNodeCap& root, std::uint64_t first_slot, BootInfo& info) {
    BlockQuota ram{};
    BlockQuota device{};
    for_each_ram_block(memory, [&](Block block) { ram.count(block); });
    for_each_device_block(memory, [&](Block block) { device.count(block); });
    const std::uint64_t room = std::min<std::uint64_t>(abi::boot_info::max_untyped, root.slots() - first_slot);
    const std::uint64_t ram_count = std::min(ram.total(), room);
    const std::uint64_t device_count = std::min(device.total(), room - ram_count);
    ram.limit_to(ram_count);
    device.limit_to(device_count);

    UntypedSummary summary{.ram_capabilities = ram_count,
                           .device_capabilities = device_count,
                           .ram_blocks_left_out = ram.total() - ram_count,
                           .device_blocks_left_out = device.total() - device_count};
    List list{phase, memory, root, first_slot, info};
    for_each_device_block(memory, [&](Block block) {
        if (device.admits(block)) {
            list.add(memory.make_device_untyped(block.start, block.bits));
        }
    });
    for_each_ram_block(memory, [&](Block block) {
        if (ram.admits(block)) {
            list.add(memory.make_untyped(block.start, block.bits));
            summary.ram_bytes += block.size();
        }
    });
    info.untyped = {.start = first_slot, .end = first_slot + list.count()};
    info.empty = {.start = info.untyped.end, .end = root.slots()};
    return summary;
}

}  // namespace kernel::boot
