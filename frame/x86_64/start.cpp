// SPDX-License-Identifier: GPL-2.0-only
//
// From boot.S to the kernel proper: finds out what the machine is, sets it up, and hands over.

#include <algorithm>
#include <cstring>

#include <abi/abi.hpp>
#include <frame/boot_memory.hpp>
#include <frame/detail/backend.hpp>
#include <frame/detail/window.hpp>
#include <frame/entry_points.hpp>
#include <frame/interrupt_controller.hpp>

#include "frame/boot/acpi.hpp"
#include "frame/boot/boot_information.hpp"
#include "frame/boot/command_line.hpp"
#include "frame/boot/memory_map.hpp"
#include "frame/x86_64/console.hpp"
#include "frame/x86_64/core_setup.hpp"
#include "frame/x86_64/descriptor_tables.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/fpu.hpp"
#include "frame/x86_64/io_apic.hpp"
#include "frame/x86_64/kernel_window.hpp"
#include "frame/x86_64/legacy_pic.hpp"
#include "frame/x86_64/local_apic.hpp"
#include "frame/x86_64/panic.hpp"
#include "frame/x86_64/timer_calibration.hpp"

// SAFETY: set by boot.S before any C++ runs.
extern "C" constinit std::uint64_t frame_entry_time;
constinit std::uint64_t frame_entry_time = 0;

namespace frame::x86_64 {
namespace {

// Too large for the stack; used once.
constinit BootDescription boot_description{};
constinit MachineDescription machine{};
constinit boot::InterruptTopology topology{};
constinit TimerFrequencies timers{};

template <typename T>
void demand(const boot::Result<T>& result) {
    if (!result) {
        stop_boot(result.error().message.view());
    }
}

/// Physical memory that the kernel window shows so far, read only.
boot::MemoryPart mapped_memory() {
    // SAFETY: the window maps [0, end_of_window()) linearly. Nothing in it changes while the readers look: no other core
    // or device works on the loader's and firmware's tables. Device registers in the range are not touched, because only
    // tables found by signature and ranges passed by the loader are read.
    const auto* const bytes = reinterpret_cast<const std::byte*>(window_base);
    return {PhysicalAddress{0}, {bytes, end_of_window().value()}};
}

/// The firmware's first serial port, from the BIOS data area, or COM1. Under UEFI the area holds anything, so only the
/// usual ports are believed.
Port firmware_port(const boot::PhysicalMemory& memory) {
    const auto port = memory.read(PhysicalAddress{0x400}, 2);
    const auto equipment = memory.read(PhysicalAddress{0x410}, 2);
    const bool has_ports = equipment && ((equipment->number<std::uint16_t>(0).value_or(0) >> 9) & 7) != 0;
    const Port found = port ? port->number<std::uint16_t>(0).value_or(0) : Port{0};
    constexpr std::array<Port, 4> usual{0x3f8, 0x2f8, 0x3e8, 0x2e8};
    return has_ports && std::ranges::contains(usual, found) ? found : default_console_port;
}

void read_command_line(const boot::PhysicalMemory& memory) {
    const auto line = boot::read_command_line(boot_description.command_line.view());
    demand(line);
    const Port firmware = firmware_port(memory);
    const Port console = line->console_port.value_or(firmware);
    // seL4 writes its messages to the debug port if there is one; both default to the same.
    open_console(line->debug_port.value_or(console));
    set_debug_exit(line->debug_exit);
    machine.disable_iommu = line->disable_iommu;
    choose_roots(line->isolation_on, line->pcid_off);
}

void read_memory_map() {
    const PhysicalAddress limit{detail::window_size};
    static_assert(boot::RamList::capacity() == decltype(machine.ram)::capacity());
    demand(boot::usable_ram(boot_description, limit, machine.ram));
    demand(boot::check_modules(boot_description, machine.ram, kernel_image()));
    extend_window(boot::end_of_ram(machine.ram));
}

void read_acpi() {
    const boot::MemoryPart part = mapped_memory();
    const boot::PhysicalMemory memory{std::span{&part, 1}};
    if (boot_description.rsdp) {
        machine.rsdp = *boot_description.rsdp;
    } else {
        const auto found = boot::find_rsdp(memory);
        demand(found);
        machine.rsdp = *found;
    }
    demand(boot::read_interrupt_topology(memory, machine.rsdp, topology));
}

void reserve(PhysicalAddress start, std::uint64_t size) {
    if (!machine.reserved_device_memory.add({start, start.plus(size)})) {
        stop_boot("the machine has more I/O APICs than the kernel reserves memory for; please report it");
    }
}

void start_interrupt_controllers() {
    mask_legacy_pics();
    demand(start_local_apic(topology.nmi_inputs.items()));
    machine.boot_core_apic_id = local_apic_id();
    demand(start_io_apics(topology.io_apics.items(), machine.boot_core_apic_id));
    machine.io_apic_count = io_apic_count();

    reserve(local_apic_page(), page_size);
    for (std::uint32_t index = 0; index < io_apic_count(); ++index) {
        reserve(topology.io_apics[index].address, page_size);
    }
    // The last bytes below 4 GiB: writing there raises arbitrary interrupts on some machines. seL4's range.
    reserve(PhysicalAddress{0xffff'fff8}, 8);
    boot::sort_by_start(machine.reserved_device_memory.items());

    const auto measured = measure_timers();
    demand(measured);
    timers = *measured;
    machine.tsc_frequency_mhz = static_cast<std::uint32_t>((timers.tsc_hz + 500'000) / 1'000'000);
    machine.calibration_ticks = timers.measuring_ticks;
}

}  // namespace

// SAFETY: C linkage: called once by boot.S, on the kernel stack, with what the loader left in EAX and EBX.
extern "C" [[gnu::used]] void frame_boot(std::uint32_t magic, std::uint64_t information) {
    backend::set_idle();
    load_descriptor_tables();
    open_console(default_console_port);
    demand(detect_features());
    build_kernel_window();
    {
        const boot::MemoryPart part = mapped_memory();
        const boot::PhysicalMemory memory{std::span{&part, 1}};
        demand(boot::read_boot_information(memory, magic, PhysicalAddress{information}, boot_description));
        read_command_line(memory);
    }
    read_memory_map();
    read_acpi();
    set_up_core();
    start_interrupt_controllers();
    demand(start_fpu());
    seal_kernel_window();
    machine.kernel_image = kernel_image();
    machine.entry_time = frame_entry_time;
    machine.adaptations = describe_adaptations();

    Entry entry = detail::PhaseFactory::make<Entry>();
    kernel::start(entry, detail::BootMemoryFactory::make(boot_description, machine), boot_description, machine);
    start_tick();
}

}  // namespace frame::x86_64

namespace frame {

void start_tick() {
    const std::uint64_t count = x86_64::timers.apic_timer_hz * abi::config::timer_tick_ms / 1000;
    x86_64::start_periodic_timer(static_cast<std::uint32_t>(std::clamp<std::uint64_t>(count, 1, ~std::uint32_t{0})));
}

}  // namespace frame
