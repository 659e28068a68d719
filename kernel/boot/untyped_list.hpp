// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <abi/abi.hpp>
#include <frame/boot_memory.hpp>

namespace kernel::boot {

/// What became of the machine's memory, for people.
struct UntypedSummary {
    std::uint64_t ram_bytes = 0;  ///< in RAM untyped capabilities
    std::uint64_t ram_capabilities = 0;
    std::uint64_t device_capabilities = 0;
    std::uint64_t ram_blocks_left_out = 0;     ///< blocks for which the list or the CNode had no room
    std::uint64_t device_blocks_left_out = 0;  ///< the same for device memory
};

/// Makes untyped capabilities of all memory that is left, device memory first, both by ascending address: seL4's order.
/// They fill `root` from `first_slot` on; the list and the free slots behind it are noted in `info`. If the list would
/// overflow, device memory gives way, the smallest blocks first; RAM never does while a device block is in the list.
[[nodiscard]] UntypedSummary make_untyped_capabilities(const frame::Phase& phase, frame::BootMemory& memory,
                                                       const frame::CNodeCap& root, std::uint64_t first_slot,
                                                       abi::boot_info::BootInfo& info);

}  // namespace kernel::boot
