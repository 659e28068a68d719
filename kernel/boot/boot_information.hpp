// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/boot_description.hpp>
#include <frame/boot_memory.hpp>
#include <frame/machine_description.hpp>

/// The blocks of boot information behind the boot-information frame, which tell the user what loader and firmware told
/// the kernel (seL4 manual, 9.1; seL4_BootInfoHeader).
namespace kernel::boot {

/// Bytes of all blocks, in seL4's order: VBE, RSDP, framebuffer, memory map, time-stamp counter frequency.
[[nodiscard]] std::uint64_t blocks_size(const frame::BootDescription& description);

/// Fills `pages`, which are zero and hold at least `blocks_size` bytes.
void write_blocks(frame::BootPages& pages, const frame::BootDescription& description,
                  const frame::MachineDescription& machine);

}  // namespace kernel::boot
