// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include <abi/abi.hpp>
#include "kernel/boot/boot_error.hpp"

namespace kernel::boot {

/// What the kernel's command line decides about the initial thread; the frame reads options about the machine itself.
struct BootOptions {
    static constexpr std::string_view root_cnode_option = "root_cnode_bits";

    /// log2 of the slots of the initial thread's CNode: `root_cnode_bits=N`, within the bounds that seL4 gives its
    /// configuration symbol ROOT_CNODE_SIZE_BITS. Without the option as configured.
    std::uint64_t root_cnode_bits = abi::config::root_cnode_size_bits;

    [[nodiscard]] constexpr std::uint64_t root_cnode_slots() const { return std::uint64_t{1} << root_cnode_bits; }
};

/// Reads them, or says which one has no possible value.
[[nodiscard]] std::expected<BootOptions, BootError> read_boot_options(std::string_view command_line);

}  // namespace kernel::boot
