# SPDX-License-Identifier: GPL-2.0-only
"""The call-graph check finds recursion, within a file and across files, and shows the chain."""

import unittest

from support import TreeTest

NOINLINE = "[[gnu::noinline]]"


class CallGraph(TreeTest):
    def check(self, **files):
        objects = []
        for name, text in files.items():
            self.write(f"kernel/{name}.cpp", text)
            objects.append(self.compile(f"kernel/{name}.cpp"))
        return self.tool("callgraph", "--kernel", self.tree / "kernel", *objects)

    def test_no_recursion(self):
        status, output = self.check(a=f"{NOINLINE} int leaf(int x) {{ return x * 3; }}\n"
                                      "int use(int x) { return leaf(leaf(x)); }\n")
        self.assertEqual(status, 0, output)

    def test_function_that_calls_itself(self):
        status, output = self.check(a="int depth(int x, int* y) { return x == 0 ? 0 : depth(x - 1, &x) + *y; }\n")
        self.assertEqual(status, 1, output)
        self.assertRegex(output, r"kernel/a\.cpp:1: recursion: depth\(int, int\*\) -> depth\(int, int\*\).*\[gate:recursion\]")

    def test_across_files(self):
        status, output = self.check(
            a=f"int odd(int x);\n{NOINLINE} int even(int x) {{ return x == 0 ? 1 : odd(x - 1) * 2 + 1; }}\n",
            b=f"int even(int x);\n{NOINLINE} int odd(int x) {{ return x == 0 ? 0 : even(x - 1) * 3 + 1; }}\n")
        self.assertEqual(status, 1, output)
        self.assertRegex(output, r"recursion: (even\(int\) -> odd\(int\) -> even|odd\(int\) -> even\(int\) -> odd)\(int\)")

    def test_functions_of_one_name_in_two_files(self):
        text = "namespace { %s int step(int x) { return x + 1; } }\nint %s(int x) { return step(x); }\n"
        status, output = self.check(a=text % (NOINLINE, "first"), b=text % (NOINLINE, "second"))
        self.assertEqual(status, 0, output)

    def test_indirect_call(self):
        status, output = self.check(a="int call(int (*function)(int)) { return function(3) + 1; }\n")
        self.assertEqual(status, 1)
        self.assertIn("kernel/a.cpp:1: indirect call in call", output)


if __name__ == "__main__":
    unittest.main()
