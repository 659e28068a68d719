// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/command_line.hpp"

#include <frame/option.hpp>

namespace frame::boot {
namespace {

/// Stores the value of `name=value`, if the line has it.
template <typename Target>
Result<void> read_option(std::string_view line, std::string_view name, std::uint32_t greatest, Target& target) {
    const auto text = find_option(line, name);
    if (!text) {
        return {};
    }
    const auto value = parse_number(*text, greatest);
    if (!value) {
        return failure("command line: '", name, "=", *text, "': expected a number up to ", hex(greatest),
                       ", for example ", name, "=0x3f8");
    }
    if constexpr (std::is_integral_v<Target>) {
        target = static_cast<Target>(*value);
    } else {
        target = static_cast<typename Target::value_type>(*value);
    }
    return {};
}

/// Reads `name=auto` or `name=CHOICE`, if the line has one: whether the latter was asked for.
Result<void> read_choice(std::string_view line, std::string_view name, std::string_view choice, bool& target) {
    const auto text = find_option(line, name);
    if (!text) {
        return {};
    }
    if (*text != choice && *text != "auto") {
        return failure("command line: '", name, "=", *text, "': expected ", name, "=auto or ", name, "=", choice);
    }
    target = *text == choice;
    return {};
}

}  // namespace

Result<CommandLine> read_command_line(std::string_view text) {
    CommandLine line;
    Result<void> read = read_option(text, "console_port", 0xffff, line.console_port);
    if (read) {
        read = read_option(text, "debug_port", 0xffff, line.debug_port);
    }
    if (read) {
        read = read_option(text, "max_num_nodes", 0xffff'ffff, line.max_num_nodes);
    }
    if (read) {
        read = read_option(text, "debug_exit", 0xffff, line.debug_exit);
    }
    if (read) {
        read = read_choice(text, "pcid", "off", line.pcid_off);
    }
    if (read) {
        read = read_choice(text, "page_table_isolation", "on", line.isolation_on);
    }
    if (!read) {
        return std::unexpected{read.error()};
    }
    line.disable_iommu = has_option(text, "disable_iommu");
    return line;
}

}  // namespace frame::boot
