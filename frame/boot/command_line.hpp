// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "frame/boot/boot_error.hpp"

namespace frame::boot {

/// What the frame reads from the kernel's command line: options separated by blanks, as in seL4. The last of several equal
/// options counts. Other words are left to the kernel proper (kernel/boot/boot_options.hpp).
struct CommandLine {
    /// Where DebugPutChar and the kernel's own messages go: an I/O port, 0 for nowhere. Unset: the firmware's first.
    std::optional<std::uint16_t> console_port{};
    /// seL4's second port, for messages of the kernel: used instead of `console_port` if given.
    std::optional<std::uint16_t> debug_port{};
    /// Leave the I/O MMU alone.
    bool disable_iommu = false;
    /// Start at most this many cores; 0: all.
    std::uint32_t max_num_nodes = 0;
    /// Port of QEMU's isa-debug-exit device, written when the kernel panics or a debug call halts it; 0: halt instead.
    std::uint16_t debug_exit = 0;
    /// `pcid=off`: process-context identifiers are not used even if the processor has them. `pcid=auto`, the default: used
    /// where it has them.
    bool pcid_off = false;
    /// `page_table_isolation=on`: also on processors that need none. `page_table_isolation=auto`, the default: where the
    /// processor needs it. There is no way to go without where it does.
    bool isolation_on = false;
};

/// Reads the options above. A value that an option cannot have is an error.
[[nodiscard]] Result<CommandLine> read_command_line(std::string_view text);

}  // namespace frame::boot
