// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/boot/boot_error.hpp"

#include <bit>

#include <abi/abi.hpp>
#include <frame/option.hpp>
#include "kernel/boot/boot_options.hpp"

namespace kernel::boot {

namespace {

using Message = frame::Text<400>;

/// Names the root task: the loader's name for it is all that a person knows it by.
void add_root_task(Message& message, const frame::BootDescription& description) {
    const frame::BootModule& module = description.modules[0];
    message.add("boot: the root task (module 0");
    if (!module.name.is_empty()) {
        message.add(", '", module.name.view(), "'");
    }
    message.add(", ", module.range.size(), " bytes) ");
}

void add_bad_root_cnode_bits(Message& message, const frame::BootDescription& description) {
    const std::string_view name = BootOptions::root_cnode_option;
    const std::string_view text = frame::find_option(description.command_line.view(), name).value_or("");
    message.add("command line: '", name, "=", text, "': expected a number from ",
                abi::config::root_cnode_size_bits_minimum, " to ", abi::config::root_cnode_size_bits_maximum,
                ", the log2 of the root CNode's slots, for example ", name, "=16");
}

}  // namespace

frame::Text<400> describe(const BootError& error, const frame::BootDescription& description) {
    Message message{};
    switch (error.fault) {
    case BootFault::bad_root_cnode_bits:
        add_bad_root_cnode_bits(message, description);
        return message;
    case BootFault::no_module:
        message.add(
            "boot: there is no boot module, so there is no root task to run: pass its ELF file (QEMU: -initrd FILE; "
            "GRUB: module2 FILE)");
        return message;
    case BootFault::bad_image:
        add_root_task(message, description);
        message.add("cannot be loaded: ", describe(error.elf).view());
        return message;
    case BootFault::image_too_large:
        add_root_task(message, description);
        message.add("takes ", error.needed >> 10, " KiB of memory in one piece, the machine has at most ",
                    error.available >> 10, " KiB: give it more memory (QEMU: -m), or make the program's data smaller");
        return message;
    case BootFault::too_little_memory:
        message.add("boot: no ", error.needed >> 10,
                    " KiB of memory in one piece are left for the initial thread, only ", error.available >> 10,
                    " KiB: give the machine more memory (QEMU: -m)");
        return message;
    case BootFault::root_cnode_too_small:
        add_root_task(message, description);
        message.add("needs ", error.needed, " slots of a root CNode that has ", error.available, ": put ",
                    BootOptions::root_cnode_option, "=", std::bit_width(error.needed - 1),
                    " on the kernel's command line, or more");
        return message;
    }
    return message;
}

}  // namespace kernel::boot
