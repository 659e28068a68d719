// SPDX-License-Identifier: GPL-2.0-only
//
// Machines and images on which no initial thread can be built: what the kernel says then.
#include "kernel/boot/boot_options.hpp"
#include "tests/unit/boot_machine.hpp"

namespace test::boot {
namespace {

TEST("refused: no boot module") {
    Machine machine{32 * mebibyte};
    describe_small(machine, {});
    check_refused(
        machine, BootFault::no_module,
        "boot: there is no boot module, so there is no root task to run: pass its ELF file (QEMU: -initrd FILE; "
        "GRUB: module2 FILE)");
}

TEST("refused: a boot module that is no root task") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{.machine = 3}.build());
    check_refused(
        machine, BootFault::bad_image,
        "boot: the root task (module 0, 'root-task', 4100 bytes) cannot be loaded: it is for another processor "
        "(ELF machine 3, x86_64 is 62): build it for x86_64");
}

TEST("refused: an image larger than memory") {
    Machine machine{32 * mebibyte};
    ElfFile file;
    file.segments[0].memory_size = std::uint64_t{64} << 30;
    describe_small(machine, file.build());
    check_refused(
        machine, BootFault::image_too_large,
        "boot: the root task (module 0, 'root-task', 4100 bytes) takes 67108864 KiB of memory in one piece, the "
        "machine has at most 28664 KiB: give it more memory (QEMU: -m), or make the program's data smaller");
}

TEST("refused: an image with more pages than the root CNode has slots") {
    Machine machine{128 * mebibyte};
    machine.add_ram(mebibyte, 128 * mebibyte);
    machine.description.kernel_image = range(mebibyte, 2 * mebibyte);
    ElfFile file;
    file.segments[0].memory_size = 64 * mebibyte;
    machine.add_module(4 * mebibyte, file.build());
    check_refused(
        machine, BootFault::root_cnode_too_small,
        "boot: the root task (module 0, 'root-task', 4100 bytes) needs 16437 slots of a root CNode that has 8192: "
        "put root_cnode_bits=15 on the kernel's command line, or more");
}

TEST("refused: a root CNode of a size that is none") {
    for (const std::string_view text : {"6", "27", "0", "", "16x", "-1", "0x", "0x1b", "99999999999999999999"}) {
        const auto options = kernel::boot::read_boot_options("root_cnode_bits=13 root_cnode_bits=" + std::string{text});
        CHECK(!options.has_value() && options.error().fault == BootFault::bad_root_cnode_bits);
    }
    CHECK_EQUAL(kernel::boot::read_boot_options("root_cnode_bits=26")->root_cnode_bits, 26U);
    CHECK_EQUAL(kernel::boot::read_boot_options("kernel root_cnode_bits")->root_cnode_bits,
                abi::config::root_cnode_size_bits);
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.boot.command_line.add("root_cnode_bits=27");
    check_refused(machine, BootFault::bad_root_cnode_bits,
                  "command line: 'root_cnode_bits=27': expected a number from 7 to 26, the log2 of the root CNode's "
                  "slots, for example root_cnode_bits=16");
}

TEST("refused: a root CNode larger than memory") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    machine.boot.command_line.add("root_cnode_bits=26");
    check_refused(machine, BootFault::too_little_memory,
                  "boot: no 2097152 KiB of memory in one piece are left for the initial thread, only 30716 KiB: give "
                  "the machine more memory (QEMU: -m)");
}

TEST("refused: too little memory for the initial thread's objects") {
    Machine machine{2 * mebibyte};
    machine.add_ram(mebibyte, mebibyte + 40 * page);
    machine.description.kernel_image = range(mebibyte, mebibyte + 16 * page);
    machine.add_module(mebibyte + 16 * page, ElfFile{}.build());
    check_refused(
        machine, BootFault::too_little_memory,
        "boot: no 256 KiB of memory in one piece are left for the initial thread, only 84 KiB: give the machine "
        "more memory (QEMU: -m)");
}

/// A machine with so many pages of RAM, of which the kernel's image takes 16 and the root task's file two.
void describe_tiny(Machine& machine, std::uint64_t pages, std::string_view options = "root_cnode_bits=7") {
    constexpr std::uint64_t kernel_pages = 16;
    machine.add_ram(mebibyte, mebibyte + pages * page);
    machine.description.kernel_image = range(mebibyte, mebibyte + kernel_pages * page);
    machine.add_module(mebibyte + kernel_pages * page, ElfFile{}.build());
    machine.boot.command_line.add(options);
}

TEST("refused: too little memory for the first table") {
    // The root CNode takes the two pages that the root task's file leaves.
    Machine machine{2 * mebibyte};
    describe_tiny(machine, 19, "root_cnode_bits=8");
    check_refused(machine, BootFault::too_little_memory,
                  "boot: no 4 KiB of memory in one piece are left for the initial thread, only 0 KiB: give the machine "
                  "more memory (QEMU: -m)");
}

TEST("refused: too little memory, whichever object is the first without") {
    constexpr std::uint64_t enough = 27;
    for (std::uint64_t pages = 18; pages < enough; ++pages) {
        // Every test process can build one system: each size has one of its own.
        CHECK_DIES("seen", [&] {
            Machine machine{2 * mebibyte};
            describe_tiny(machine, pages);
            System system{machine};
            CHECK(!system.built.has_value());
            const BootError error = system.built.error();
            CHECK(error.fault == (pages == 18 ? BootFault::image_too_large : BootFault::too_little_memory));
            CHECK(error.available < error.needed);
            test::fail("seen", std::source_location::current());
        });
    }
    Machine machine{2 * mebibyte};
    describe_tiny(machine, enough);
    System system{machine};
    CHECK(system.built.has_value());
}

}  // namespace
}  // namespace test::boot
