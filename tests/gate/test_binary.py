# SPDX-License-Identifier: GPL-2.0-only
"""The check of the compiled kernel finds assembly and forged pointers that were planted in it, by function and line."""

import unittest

from support import TreeTest

FRAME = """
#pragma once
inline void frame_pause() { asm volatile("pause"); }
inline unsigned frame_peek(unsigned long address) { return *reinterpret_cast<unsigned*>(address); }
"""


class Binary(TreeTest):
    def check(self, text, *flags):
        self.write("frame/cpu.hpp", FRAME)
        self.write("kernel/a.cpp", text)
        return self.tool("binary", "--trust", self.tree / "frame", self.compile("kernel/a.cpp", *flags))

    def test_from_the_frame(self):
        status, output = self.check("#include \"frame/cpu.hpp\"\nnamespace kernel {\n"
                                    "unsigned use(unsigned long word) { frame_pause(); return frame_peek(word); }\n}\n")
        self.assertEqual((status, output), (0, "binary: 1 objects, 0 problems\n"))

    def test_planted_assembly(self):
        status, output = self.check("namespace kernel {\nvoid stop() {\n    asm volatile(\"hlt\");\n}\n}\n")
        self.assertEqual(status, 1)
        self.assertRegex(output, r"kernel/a\.cpp:3: inline assembly .* in function kernel::stop\(\) \[gate:binary\]")

    def test_planted_file_scope_assembly(self):
        status, output = self.check("asm(\".globl planted\");\nnamespace kernel {\nvoid stop() {}\n}\n")
        self.assertEqual(status, 1)
        self.assertIn("file-scope assembly", output)

    def test_planted_conversion(self):
        text = ("namespace kernel {\nunsigned peek(unsigned long address) {\n"
                "    return *reinterpret_cast<unsigned*>(address);\n}\n}\n")
        status, output = self.check(text, "-Xclang", "-disable-llvm-passes")
        self.assertEqual(status, 1)
        self.assertRegex(output, r"kernel/a\.cpp:3: integer-to-pointer conversion .* in function kernel::peek")

    def test_planted_conversion_of_a_constant(self):
        text = ("namespace kernel {\nunsigned peek() {\n    return *reinterpret_cast<unsigned*>(0xb8000);\n}\n}\n")
        status, output = self.check(text, "-Xclang", "-disable-llvm-passes")
        self.assertEqual(status, 1)
        self.assertIn("kernel/a.cpp:3: integer-to-pointer", output)

    def test_planted_through_bit_cast(self):
        text = ("namespace kernel {\nunsigned peek(unsigned long address) {\n"
                "    return *__builtin_bit_cast(unsigned*, address);\n}\n}\n")
        status, output = self.check(text)
        self.assertEqual(status, 1, output)

    def test_assembly_inlined_from_elsewhere(self):
        self.write("elsewhere/cpu.hpp", "inline void elsewhere() { asm volatile(\"cli\"); }\n")
        status, output = self.check("#include \"elsewhere/cpu.hpp\"\nnamespace kernel {\nvoid use() { elsewhere(); }\n}\n")
        self.assertEqual(status, 1)
        self.assertIn("elsewhere/cpu.hpp:1: inline assembly", output)

    def test_not_bitcode(self):
        path = self.write("a.o", "no bitcode")
        status, output = self.tool("binary", path)
        self.assertEqual(status, 1)
        self.assertIn("is no LLVM bitcode", output)


if __name__ == "__main__":
    unittest.main()
