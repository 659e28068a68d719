// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>

#include "frame/boot/acpi.hpp"
#include "frame/boot/boot_error.hpp"

namespace frame::x86_64 {

/// Maps the I/O APICs that the configuration allows for (CONFIG_MAX_NUM_IOAPIC) and masks all their inputs. Interrupts
/// go to the core with local APIC ID `target`.
[[nodiscard]] boot::Result<void> start_io_apics(std::span<const boot::IoApicEntry> entries, std::uint32_t target);

}  // namespace frame::x86_64
