// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/command_line.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

using boot_inputs::message;
using frame::boot::CommandLine;
using frame::boot::read_command_line;

namespace {

CommandLine good(std::string_view text) {
    const auto line = read_command_line(text);
    CHECK_EQUAL(message(line), "(no error)");
    return *line;
}

TEST("an empty line leaves the choice to the firmware") {
    for (const std::string_view text : {"", "   ", "\t\n", "/boot/kernel.elf"}) {
        const CommandLine line = good(text);
        CHECK(!line.console_port && !line.debug_port && !line.disable_iommu);
        CHECK_EQUAL(line.max_num_nodes, 0U);
        CHECK_EQUAL(line.debug_exit, 0);
        CHECK(!line.pcid_off && !line.isolation_on);
    }
}

TEST("seL4's options, in hexadecimal and decimal") {
    const CommandLine line =
        good("kernel console_port=0x2F8 debug_port=1000\tdisable_iommu max_num_nodes=4 debug_exit=0xf4");
    CHECK_EQUAL(*line.console_port, 0x2f8);
    CHECK_EQUAL(*line.debug_port, 1000);
    CHECK(line.disable_iommu);
    CHECK_EQUAL(line.max_num_nodes, 4U);
    CHECK_EQUAL(line.debug_exit, 0xf4);
}

TEST("the last of equal options counts, and of a list the first element") {
    CHECK_EQUAL(*good("console_port=1 console_port=0x3e8,0x2e8").console_port, 0x3e8);
    CHECK_EQUAL(*good("console_port=0").console_port, 0);
}

TEST("ways to switch between address spaces: only towards fewer risks") {
    CHECK(good("pcid=off").pcid_off && !good("pcid=off").isolation_on);
    CHECK(!good("pcid=off pcid=auto").pcid_off);
    CHECK(good("page_table_isolation=on").isolation_on && !good("page_table_isolation=on").pcid_off);
    CHECK(!good("page_table_isolation=on page_table_isolation=auto").isolation_on);
    CHECK(!good("pcid nopcid xpcid=off page_table_isolation off").pcid_off);
    CHECK_EQUAL(message(read_command_line("pcid=on")), "command line: 'pcid=on': expected pcid=auto or pcid=off");
    CHECK_EQUAL(message(read_command_line("page_table_isolation=off")),
                "command line: 'page_table_isolation=off': expected page_table_isolation=auto or "
                "page_table_isolation=on");
    for (const std::string_view text : {"pcid=", "pcid=0", "pcid=OFF", "pcid=offf", "pcid=,off", "pcid=off pcid=1",
                                        "page_table_isolation=", "page_table_isolation=1"}) {
        CHECK(!read_command_line(text).has_value());
    }
}

TEST("words that only look like options") {
    const CommandLine line =
        good("xconsole_port=1 console_ports=2 console_port no_disable_iommu disable_iommu=1 debug_port");
    CHECK(!line.console_port && !line.debug_port && !line.disable_iommu);
}

TEST("values that are no numbers") {
    CHECK_EQUAL(message(read_command_line("console_port=com1")),
                "command line: 'console_port=com1': expected a number up to 0xffff, for example console_port=0x3f8");
    for (const std::string_view text :
         {"debug_port=", "debug_port=0x", "debug_port=0x10000", "debug_port=-1", "debug_port=12ab",
          "debug_port=99999999999999999999999", "max_num_nodes=0x100000000", "debug_exit=,5"}) {
        CHECK(!read_command_line(text).has_value());
    }
}

}  // namespace
