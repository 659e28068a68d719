// SPDX-License-Identifier: GPL-2.0-only
#include <utility>

#include <abi/abi.hpp>
#include <frame/check.hpp>
#include <frame/console.hpp>
#include <frame/entry_points.hpp>
#include <frame/time.hpp>
#include "kernel/boot/initial_thread.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// Where the memory went, for whoever reads the console of a debug build.
[[maybe_unused]] void report(const frame::Phase& phase, const boot::UntypedSummary& untyped,
                             const frame::BootDescription& description, const frame::MachineDescription& machine) {
    frame::Console& console = frame::console(phase);
    if (description.modules.size() > 1) {
        console.print("boot: ", description.modules.size() - 1,
                      " more boot modules are not used: the first is the root task\n");
    }
    const std::string_view name = description.modules[0].name.view();
    console.print("boot: the root task ", name, name.empty() ? "" : " ", "gets ", untyped.ram_bytes >> 10,
                  " KiB of RAM in ", untyped.ram_capabilities, " untyped capabilities, and ",
                  untyped.device_capabilities, " for device memory\n");
    if (untyped.device_blocks_left_out != 0) {  // RAM is left out last
        console.print("boot: the untyped list is full: left out the ", untyped.device_blocks_left_out,
                      " smallest blocks of device memory and the ", untyped.ram_blocks_left_out, " smallest of RAM\n");
    }
    console.print("boot: ", machine.adaptations.view(), "\n");
    const std::uint64_t ticks = frame::time_stamp() - machine.entry_time;
    console.print("boot: ", ticks - machine.calibration_ticks,
                  " ticks of the time-stamp counter since the kernel was entered, ", machine.calibration_ticks,
                  " more waiting for timers to calibrate it\n");
}

}  // namespace

void start(frame::Entry& entry, frame::BootMemory&& memory, const frame::BootDescription& boot,
           const frame::MachineDescription& machine) {
    const frame::Phase phase = entry.begin();
    const std::expected<boot::InitialThread, boot::BootError> initial =
        boot::build_initial_thread(phase, std::move(memory), boot, machine);
    if (!initial.has_value()) {
        frame::stop_boot(boot::describe(initial.error(), boot).view());
    }
    if (abi::config::printing) {
        report(phase, initial->untyped, boot, machine);
    }
    scheduler(phase).start_with(phase, initial->tcb);
}

}  // namespace kernel
