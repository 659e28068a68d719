// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>

#include <frame/boot_description.hpp>
#include <frame/bounded_list.hpp>

#include "frame/boot/boot_error.hpp"
#include "frame/boot/physical_memory.hpp"

namespace frame::boot {

using Rsdp = std::array<std::byte, rsdp_size>;

/// A processor core that the firmware has enabled (ACPI 6.5, 5.2.12.2 and 5.2.12.12).
struct CoreEntry {
    std::uint32_t apic_id = 0;
};

/// An I/O APIC (ACPI 6.5, 5.2.12.3).
struct IoApicEntry {
    PhysicalAddress address{};
    std::uint32_t first_interrupt = 0;
    std::uint8_t id = 0;
};

/// An ISA interrupt that arrives at another input than its number says (ACPI 6.5, 5.2.12.5).
struct InterruptSourceOverride {
    std::uint32_t global_interrupt = 0;
    std::uint16_t flags = 0;
    std::uint8_t source = 0;
};

/// A local APIC input that carries NMI (ACPI 6.5, 5.2.12.7). 255: all processors.
struct NmiInput {
    std::uint16_t flags = 0;
    std::uint8_t processor = 0;
    std::uint8_t input = 0;
};

/// What the multiple APIC description table says.
struct InterruptTopology {
    PhysicalAddress local_apic{};
    /// Dual 8259 interrupt controllers are present as well, and must be masked.
    bool has_8259 = false;
    /// The first is the one that boots (ACPI 6.5, 5.2.12.1).
    BoundedList<CoreEntry, 256> cores{};
    BoundedList<IoApicEntry, 16> io_apics{};
    BoundedList<InterruptSourceOverride, 24> overrides{};
    BoundedList<NmiInput, 16> nmi_inputs{};
};

/// Searches the places where a BIOS puts the RSDP: the first KiB of the EBDA and 0xe0000 to 0xfffff (ACPI 6.5, 5.2.5.1).
[[nodiscard]] Result<Rsdp> find_rsdp(const PhysicalMemory& memory);

/// Verifies the RSDP, finds the MADT through the XSDT or RSDT, and reads it. Signatures, lengths and checksums of all
/// tables on the way are checked. `topology` must be new.
[[nodiscard]] Result<void> read_interrupt_topology(const PhysicalMemory& memory, const Rsdp& rsdp,
                                                   InterruptTopology& topology);

}  // namespace frame::boot
