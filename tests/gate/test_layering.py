# SPDX-License-Identifier: GPL-2.0-only
"""The layering check finds includes that leave their layer, however they are written."""

import unittest

from support import TreeTest


class Layering(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("frame/include/frame/slot.hpp", "#include <cstdint>\n")
        self.write("frame/core/inside.hpp", "")
        self.write("kernel/cap/lookup.hpp", "")
        self.write("libsel4/include/sel4/sel4.h", "")
        self.write("user/hello.c", "#include <sel4/sel4.h>\n")

    def problems(self, name, text):
        path = self.write(name, text)
        status, output = self.tool("layering", "--root", self.tree)
        path.unlink()
        self.assertEqual(status, 1 if "[gate:layering]" in output else 0, output)
        return output

    def assert_refused(self, name, text, reason):
        self.assertRegex(self.problems(name, text), rf"{name}:\d+: .*{reason}.*\[gate:layering\]")

    def assert_accepted(self, name, text):
        self.assertIn("every include stays in its layer", self.problems(name, text))

    def test_ordinary_kernel_file(self):
        self.assert_accepted("kernel/a.cpp", "#include <cstdint>\n#include <frame/slot.hpp>\n#include <abi/types.hpp>\n"
                                             "#include \"kernel/cap/lookup.hpp\"\n")

    def test_comments_are_no_includes(self):
        self.assert_accepted("kernel/a.cpp", "// #include <vector>\n/*\n#include <vector>\n*/\n"
                                             "constexpr auto text = \"\\\n#include <vector>\";\n")

    def test_header_that_is_not_allowed(self):
        self.assert_refused("kernel/a.cpp", "#include <vector>\n", "allow-list")

    def test_inside_of_the_frame(self):
        self.assert_refused("kernel/a.cpp", "#include <frame/core/inside.hpp>\n", "no header of frame/include")
        self.assert_refused("kernel/a.cpp", "#include \"frame/core/inside.hpp\"\n", "included as")
        self.assert_refused("kernel/a.cpp", "#include <frame/detail/raw.hpp>\n", "inside of the frame")

    def test_path_that_leaves_its_directory(self):
        self.assert_refused("kernel/a.cpp", "#include \"kernel/../frame/core/inside.hpp\"\n", "leaves its directory")

    def test_missing_header(self):
        self.assert_refused("kernel/a.cpp", "#include \"kernel/missing.hpp\"\n", "no such file")

    def test_disguised_directives(self):
        self.assert_refused("kernel/a.cpp", "  #  include <vector>\n", "allow-list")
        self.assert_refused("kernel/a.cpp", "%: include <vector>\n", "allow-list")
        self.assert_refused("kernel/a.cpp", "#inc\\\nlude <vector>\n", "allow-list")
        self.assert_refused("kernel/a.cpp", "/* a */ #include /* b */ <vector>\n", "allow-list")
        self.assert_refused("kernel/a.cpp", "#include HEADER\n", "include by macro")
        self.assert_refused("kernel/a.cpp", "#include_next <vector>\n", "allow-list")

    def test_line_number(self):
        self.assertIn("kernel/a.cpp:5:", self.problems("kernel/a.cpp", "/*\n\n*/\n\n#include <vector>\n"))

    def test_frame_does_not_know_the_kernel(self):
        self.assert_refused("frame/include/frame/a.hpp", "#include \"kernel/cap/lookup.hpp\"\n", "must not know")
        self.assert_refused("frame/core/a.cpp", "#include <kernel/cap/lookup.hpp>\n", "must not know")

    def test_programs_know_neither(self):
        self.assert_refused("user/a.c", "#include \"../kernel/cap/lookup.hpp\"\n", "must not depend")
        self.assert_refused("user/a.cpp", "#include <frame/slot.hpp>\n", "must not depend")
        self.assert_refused("libsel4/include/sel4/a.h", "#include <kernel/gen.h>\n", "must not depend")

    def test_this_tree(self):
        status, output = self.tool("layering")
        self.assertEqual(status, 0, output)


if __name__ == "__main__":
    unittest.main()
