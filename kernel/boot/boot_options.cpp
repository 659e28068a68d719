// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/boot/boot_options.hpp"

#include <frame/option.hpp>

namespace kernel::boot {

std::expected<BootOptions, BootError> read_boot_options(std::string_view command_line) {
    BootOptions options;
    if (const auto text = frame::find_option(command_line, BootOptions::root_cnode_option); text.has_value()) {
        const auto bits = frame::parse_number(*text, abi::config::root_cnode_size_bits_maximum);
        if (!bits.has_value() || *bits < abi::config::root_cnode_size_bits_minimum) {
            return std::unexpected{BootError{.fault = BootFault::bad_root_cnode_bits}};
        }
        options.root_cnode_bits = *bits;
    }
    return options;
}

}  // namespace kernel::boot
