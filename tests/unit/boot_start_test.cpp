// SPDX-License-Identifier: GPL-2.0-only
//
// What a kernel that prints says when it starts.
#include <string>

#include "frame/host/processor.hpp"
#include "tests/unit/boot_machine.hpp"

namespace test::boot {
namespace {

/// What the kernel prints while it starts this machine.
std::string start(Machine& machine) {
    using frame::host::Processor;
    Processor::instance().console = Processor::Console::kept;
    frame::host::start_kernel(machine.boot, machine.description);
    return Processor::instance().console_text;
}

TEST("the start says which memory the root task gets, and what of the boot loader's gifts is not used") {
    Machine machine{32 * mebibyte};
    ElfFile file;
    file.segments[0].memory_size = 60 * page;
    describe_small(machine, file.build());
    machine.add_module(8 * mebibyte, std::vector<std::byte>(5000));
    machine.boot.command_line.add("root_cnode_bits=7");
    const std::string text = start(machine);
    for (const std::string_view part :
         {"boot: 1 more boot modules are not used: the first is the root task\n", "boot: the root task root-task gets ",
          "boot: the untyped list is full: left out the "}) {
        if (text.find(part) == std::string::npos) {
            test::fail(text, std::source_location::current());
        }
    }
}

TEST("the start of a root task that the boot loader gave no name, with room for everything") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    const PhysicalRange place = machine.boot.modules[0].range;
    machine.boot.modules = {};
    CHECK(machine.boot.modules.add({place, frame::Text<96>{}}));
    const std::string text = start(machine);
    CHECK(text.find("boot: the root task gets ") != std::string::npos);
    CHECK(text.find("more boot modules") == std::string::npos);
    CHECK(text.find("the untyped list is full") == std::string::npos);
}

TEST("a machine that cannot start the root task stops and says why") {
    CHECK_DIES("boot: there is no boot module, so there is no root task to run", [] {
        Machine machine{32 * mebibyte};
        describe_small(machine, {});
        (void)start(machine);
    });
}

}  // namespace
}  // namespace test::boot
