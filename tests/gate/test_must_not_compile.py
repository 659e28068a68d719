# SPDX-License-Identifier: GPL-2.0-only
"""The driver of the must-not-compile tests notices what it should. (The tests themselves are a suite of their own.)"""

import importlib.util
import pathlib
import sys
import tempfile
import unittest

from support import ROOT, build_dir

RUNNER = ROOT / "tests/must_not_compile/run.py"


def load_runner():
    spec = importlib.util.spec_from_file_location("must_not_compile", RUNNER)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Driver(unittest.TestCase):
    def setUp(self):
        self.runner = load_runner()
        self.compiler = self.runner.Compiler(build_dir())
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name) / "a.cpp"

    def problem(self, text):
        self.path.write_text(text)
        return self.runner.check(self.compiler, self.runner.read_snippet(self.path))

    def test_refused_as_expected(self):
        self.assertIsNone(self.problem("// expect: \\[gate:asm\\]\nnamespace kernel {\nvoid f() { asm(\"hlt\"); }\n}\n"))

    def test_snippet_that_compiles(self):
        self.assertEqual(self.problem("// expect: \\[gate:asm\\]\nnamespace kernel {\nvoid f() {}\n}\n"),
                         "compiles, but must not")

    def test_other_diagnostic(self):
        self.assertIn("but not with", self.problem("// expect: \\[gate:goto\\]\nnamespace kernel {\n"
                                                   "void f() { asm(\"hlt\"); }\n}\n"))

    def test_broken_snippet(self):
        self.assertIn("not valid C++", self.problem("// expect: \\[gate:asm\\]\nnamespace kernel {\nvoid f() { asm(3) }\n}\n"))

    def test_snippet_without_expectation(self):
        self.assertIn("no `// expect:`", self.problem("namespace kernel {\nvoid f() { asm(\"hlt\"); }\n}\n"))


if __name__ == "__main__":
    unittest.main()
