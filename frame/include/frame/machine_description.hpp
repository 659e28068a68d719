// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <frame/address.hpp>
#include <frame/boot_description.hpp>
#include <frame/bounded_list.hpp>
#include <frame/text.hpp>

namespace frame {

/// What the frame found out about the machine before the kernel proper starts.
struct MachineDescription {
    /// RAM from 1 MiB up to the end of the kernel window: disjoint, ascending, whole pages. Contains the kernel image and
    /// the boot modules.
    BoundedList<PhysicalRange, 64> ram{};
    /// What the kernel keeps: image, data, stacks and page tables. Everything else in `ram` may go to the user.
    PhysicalRange kernel_image{};
    /// Device memory that users must not reach, byte-exact as on seL4: the local APIC, the I/O APICs in use, and where
    /// messages become interrupts. Ascending.
    BoundedList<PhysicalRange, 20> reserved_device_memory{};
    /// Intact RSDP, for the user.
    std::array<std::byte, rsdp_size> rsdp{};
    /// Cores that will run; 1 unless the configuration has more.
    std::uint32_t core_count = 1;
    /// The local APIC ID of the core that booted.
    std::uint32_t boot_core_apic_id = 0;
    std::uint32_t io_apic_count = 0;
    /// Frequency of the time-stamp counter. [MHz]
    std::uint32_t tsc_frequency_mhz = 0;
    /// How the kernel adapted to the processor, in words, for the console: "page-table isolation on, PCID off, ...".
    Text<120> adaptations{};
    /// The command line asked to leave the I/O MMU alone.
    bool disable_iommu = false;
    /// Time-stamp counter when the kernel was entered, and how many of its ticks went by while waiting for timers during
    /// calibration.
    std::uint64_t entry_time = 0;
    std::uint64_t calibration_ticks = 0;
};

}  // namespace frame
