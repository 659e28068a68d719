// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/acpi.hpp"

#include <algorithm>

namespace frame::boot {
namespace {

/// Bytes of the header that every table but the RSDP begins with (ACPI 6.5, 5.2.6).
constexpr std::uint64_t table_header_size = 36;
constexpr std::uint64_t old_rsdp_size = 20;
/// No table that we read is longer; a length beyond this is damage, and summing it up would take for ever.
constexpr std::uint64_t longest_table = 0x10'0000;
constexpr std::string_view rsdp_signature = "RSD PTR ";

/// MADT entry types (ACPI 6.5, table 5.21).
enum class MadtEntry : std::uint8_t {
    local_apic = 0,
    io_apic = 1,
    interrupt_source_override = 2,
    local_apic_nmi = 4,
    local_apic_address_override = 5,
    local_x2apic = 9,
};

constexpr std::string_view firmware_way_out = "update the firmware, or boot another way if the loader rewrites ACPI";

Result<void> check_rsdp(const Rsdp& rsdp) {
    const ByteReader reader{rsdp};
    if (!reader.has_text(0, rsdp_signature)) {
        return failure("ACPI: the RSDP does not begin with 'RSD PTR '; ", firmware_way_out);
    }
    if (const auto sum = reader.part(0, old_rsdp_size)->sum(); sum != 0) {
        return failure("ACPI: the RSDP's checksum is wrong (its first 20 bytes add up to ", hex(sum, 2), ", not 0); ",
                       firmware_way_out);
    }
    const auto revision = reader.number<std::uint8_t>(15).value_or(0);
    if (const auto sum = reader.sum(); revision >= 2 && sum != 0) {
        return failure("ACPI: the RSDP's extended checksum is wrong (its 36 bytes add up to ", hex(sum, 2),
                       ", not 0); ", firmware_way_out);
    }
    return {};
}

/// The whole table at `address`, which must have the given signature and an intact checksum.
Result<ByteReader> read_table(const PhysicalMemory& memory, PhysicalAddress address, std::string_view signature) {
    const auto header = memory.read(address, table_header_size);
    if (!header) {
        return failure("ACPI: the ", signature, " at ", hex(address.value()), " lies outside memory; ",
                       firmware_way_out);
    }
    if (!header->has_text(0, signature)) {
        return failure("ACPI: no ", signature, " at ", hex(address.value()), " (its signature is missing); ",
                       firmware_way_out);
    }
    const auto length = header->number<std::uint32_t>(4).value_or(0);
    if (length < table_header_size || length > longest_table) {
        return failure("ACPI: the ", signature, " at ", hex(address.value()), " has length ", length, "; a table has ",
                       table_header_size, " to ", longest_table, " bytes; ", firmware_way_out);
    }
    const auto table = memory.read(address, length);
    if (!table) {
        return failure("ACPI: the ", signature, " at ", hex(address.value()), " of ", length,
                       " bytes ends outside memory; ", firmware_way_out);
    }
    if (const auto sum = table->sum(); sum != 0) {
        return failure("ACPI: the checksum of the ", signature, " at ", hex(address.value()), " is wrong (its ", length,
                       " bytes add up to ", hex(sum, 2), ", not 0); ", firmware_way_out);
    }
    return *table;
}

/// Searches the tables that a root table lists.
template <std::unsigned_integral Pointer>
Result<ByteReader> find_table(const PhysicalMemory& memory, PhysicalAddress root, std::string_view root_signature,
                              std::string_view signature) {
    const auto table = read_table(memory, root, root_signature);
    if (!table) {
        return table;
    }
    for (std::uint64_t offset = table_header_size;; offset += sizeof(Pointer)) {
        const auto pointer = table->number<Pointer>(offset);
        if (!pointer) {
            return failure(
                "ACPI: no table '", signature, "' among the ", (offset - table_header_size) / sizeof(Pointer),
                " that the ", root_signature,
                " lists: the machine does not describe its APICs; switch ACPI on in the firmware or emulator");
        }
        const auto candidate = memory.read(PhysicalAddress{*pointer}, table_header_size);
        if (candidate && candidate->has_text(0, signature)) {
            return read_table(memory, PhysicalAddress{*pointer}, signature);
        }
    }
}

// Not inlined: the error values of both steps would lie in one stack frame.
[[gnu::noinline]] Result<ByteReader> find_madt(const PhysicalMemory& memory, const Rsdp& rsdp) {
    const ByteReader reader{rsdp};
    const PhysicalAddress rsdt{reader.number<std::uint32_t>(16).value_or(0)};
    const PhysicalAddress xsdt{reader.number<std::uint64_t>(24).value_or(0)};
    if (reader.number<std::uint8_t>(15).value_or(0) >= 2 && xsdt.value() != 0) {
        return find_table<std::uint64_t>(memory, xsdt, "XSDT", "APIC");
    }
    return find_table<std::uint32_t>(memory, rsdt, "RSDT", "APIC");
}

/// The size that an entry of this type must have at least; 2, the entry's header, for those that are skipped.
std::uint64_t least_size(MadtEntry type) {
    switch (type) {
    case MadtEntry::local_apic:
        return 8;
    case MadtEntry::io_apic:
        return 12;
    case MadtEntry::interrupt_source_override:
        return 10;
    case MadtEntry::local_apic_nmi:
        return 6;
    case MadtEntry::local_apic_address_override:
        return 12;
    case MadtEntry::local_x2apic:
        return 16;
    }
    return 2;
}

/// Numbers inside an entry whose size was checked.
template <std::unsigned_integral T>
T field(const ByteReader& entry, std::uint64_t offset) {
    return entry.number<T>(offset).value_or(0);
}

/// Adds a core unless the firmware disabled it; the same core may be listed in both forms.
bool add_core(InterruptTopology& topology, std::uint32_t apic_id, std::uint32_t flags) {
    constexpr std::uint32_t enabled = 1;
    const bool known =
        std::ranges::any_of(topology.cores, [&](const CoreEntry& core) { return core.apic_id == apic_id; });
    return (flags & enabled) == 0 || known || topology.cores.add({apic_id});
}

/// False if there are more of a kind than can be recorded.
bool read_entry(InterruptTopology& topology, MadtEntry type, const ByteReader& entry) {
    switch (type) {
    case MadtEntry::local_apic:
        return add_core(topology, field<std::uint8_t>(entry, 3), field<std::uint32_t>(entry, 4));
    case MadtEntry::local_x2apic:
        return add_core(topology, field<std::uint32_t>(entry, 4), field<std::uint32_t>(entry, 8));
    case MadtEntry::io_apic:
        return topology.io_apics.add({.address = PhysicalAddress{field<std::uint32_t>(entry, 4)},
                                      .first_interrupt = field<std::uint32_t>(entry, 8),
                                      .id = field<std::uint8_t>(entry, 2)});
    case MadtEntry::interrupt_source_override:
        return topology.overrides.add({.global_interrupt = field<std::uint32_t>(entry, 4),
                                       .flags = field<std::uint16_t>(entry, 8),
                                       .source = field<std::uint8_t>(entry, 3)});
    case MadtEntry::local_apic_nmi:
        return topology.nmi_inputs.add({.flags = field<std::uint16_t>(entry, 3),
                                        .processor = field<std::uint8_t>(entry, 2),
                                        .input = field<std::uint8_t>(entry, 5)});
    case MadtEntry::local_apic_address_override:
        topology.local_apic = PhysicalAddress{field<std::uint64_t>(entry, 4)};
        return true;
    }
    return true;
}

[[gnu::noinline]] Result<void> read_madt(const ByteReader& madt, InterruptTopology& topology) {
    constexpr std::uint64_t first_entry = table_header_size + 8;
    const auto address = madt.number<std::uint32_t>(table_header_size);
    const auto flags = madt.number<std::uint32_t>(table_header_size + 4);
    if (!address || !flags) {
        return failure("ACPI: the MADT has length ", madt.size(), ", too short for its own fields (", first_entry,
                       " bytes); ", firmware_way_out);
    }
    topology.local_apic = PhysicalAddress{*address};
    topology.has_8259 = (*flags & 1) != 0;
    for (std::uint64_t offset = first_entry; offset < madt.size();) {
        const auto type = MadtEntry{madt.number<std::uint8_t>(offset).value_or(0)};
        const auto length = madt.number<std::uint8_t>(offset + 1).value_or(0);
        const auto entry = madt.part(offset, length);
        if (!entry) {
            return failure("ACPI: MADT entry at offset ", offset, " has length ", length,
                           " and reaches beyond the table's ", madt.size(), " bytes; ", firmware_way_out);
        }
        if (length < least_size(type)) {
            return failure("ACPI: MADT entry at offset ", offset, " has length ", length, "; its type ",
                           static_cast<unsigned>(type), " needs at least ", least_size(type), " bytes; ",
                           firmware_way_out);
        }
        if (!read_entry(topology, type, *entry)) {
            return failure("ACPI: MADT entry at offset ", offset, " is one more of type ", static_cast<unsigned>(type),
                           " than the kernel records; please report the machine");
        }
        offset += length;
    }
    if (topology.cores.is_empty()) {
        return failure("ACPI: the MADT lists no enabled processor; ", firmware_way_out);
    }
    if (topology.io_apics.is_empty()) {
        return failure(
            "ACPI: the MADT lists no I/O APIC, and the kernel does not use the 8259; switch the I/O APIC on in the "
            "firmware");
    }
    return {};
}

/// The first RSDP on a 16-byte boundary of [start, start + size).
std::optional<Rsdp> search_rsdp(const PhysicalMemory& memory, PhysicalAddress start, std::uint64_t size) {
    for (std::uint64_t offset = 0; offset + old_rsdp_size <= size; offset += 16) {
        const auto candidate = memory.read(start.plus(offset), old_rsdp_size);
        if (!candidate || !candidate->has_text(0, rsdp_signature) || candidate->sum() != 0) {
            continue;
        }
        // The new fields may be missing at the very end of the area.
        const auto whole = memory.read(start.plus(offset), rsdp_size);
        Rsdp rsdp{};
        whole.value_or(*candidate).copy_to(rsdp);
        return rsdp;
    }
    return std::nullopt;
}

}  // namespace

Result<Rsdp> find_rsdp(const PhysicalMemory& memory) {
    constexpr PhysicalAddress ebda_segment{0x40e};
    if (const auto word = memory.read(ebda_segment, 2)) {
        const PhysicalAddress ebda{std::uint64_t{word->number<std::uint16_t>(0).value_or(0)} << 4};
        if (ebda >= PhysicalAddress{0x8'0000} && ebda < PhysicalAddress{0xa'0000}) {
            if (const auto found = search_rsdp(memory, ebda, 0x400)) {
                return *found;
            }
        }
    }
    if (const auto found = search_rsdp(memory, PhysicalAddress{0xe'0000}, 0x2'0000)) {
        return *found;
    }
    return failure(
        "ACPI: no RSDP from the loader, and none in the BIOS area (0xe0000 to 0xfffff); switch ACPI on in the firmware "
        "or "
        "emulator, or boot through a multiboot 2 loader under UEFI");
}

Result<void> read_interrupt_topology(const PhysicalMemory& memory, const Rsdp& rsdp, InterruptTopology& topology) {
    if (auto intact = check_rsdp(rsdp); !intact) {
        return intact;
    }
    const auto madt = find_madt(memory, rsdp);
    if (!madt) {
        return std::unexpected{madt.error()};
    }
    return read_madt(*madt, topology);
}

}  // namespace frame::boot
