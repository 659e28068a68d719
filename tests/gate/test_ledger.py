# SPDX-License-Identifier: GPL-2.0-only
"""The ledger finds unsafe sites by what they are, and knows which of them say why they are sound."""

import json
import subprocess
import unittest

from support import CLANG, TreeTest, build_dir
import ledger


class Explained(unittest.TestCase):
    def explained(self, text, line):
        return ledger.explained(ledger.split_comments(text), line)

    def test_on_the_line(self):
        self.assertTrue(self.explained("f(); // SAFETY: because\n", 1))

    def test_above_in_the_block(self):
        self.assertTrue(self.explained("// SAFETY: because\nf();\ng();\n", 3))

    def test_blank_line_ends_the_block(self):
        self.assertFalse(self.explained("// SAFETY: because\nf();\n\ng();\n", 4))

    def test_group(self):
        self.assertTrue(self.explained("// SAFETY of the assembly below: because\n\nf();\n\ng();\n", 5))

    def test_not_in_code_or_string(self):
        self.assertFalse(self.explained("const char* SAFETY = \"// SAFETY: none\";\n", 1))

    def test_without_comment(self):
        self.assertFalse(self.explained("f();\n", 1))


class Baseline(unittest.TestCase):
    def test_rise_and_fall(self):
        entries = {"frame/a.cpp": ledger.Entry(sites=3, unsafe=5)}
        self.assertEqual(ledger.risen(entries, {"files": {"frame/a.cpp": {"sites": 3, "unsafe": 5}}}), [])
        self.assertEqual(ledger.risen(entries, {"files": {"frame/a.cpp": {"sites": 9, "unsafe": 9}}}), [])
        problems = ledger.risen(entries, {"files": {"frame/a.cpp": {"sites": 2, "unsafe": 5}}})
        self.assertEqual(len(problems), 1)
        self.assertIn("unsafe sites rose from 2 to 3", problems[0])

    def test_new_file(self):
        self.assertEqual(len(ledger.risen({"frame/new.cpp": ledger.Entry(sites=1, unsafe=1)}, {"files": {}})), 2)


class Sites(TreeTest):
    """What the plugin lists, for one construct each."""

    def kinds(self, text):
        plugin = json.loads((build_dir() / "gate-flags.json").read_text())["plugin"]
        path = self.write("frame/a.cpp", text)
        output = self.tree / "sites.json"
        result = subprocess.run([CLANG, "-std=c++26", "-fsyntax-only", "-w", f"-fplugin={plugin}",
                                 f"-fplugin-arg-antimono-gate-count={self.tree / 'frame'}",
                                 f"-fplugin-arg-antimono-gate-ledger={output}", str(path)],
                                capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        return sorted((json.loads(line)["line"], json.loads(line)["kind"]) for line in output.read_text().splitlines())

    def test_casts(self):
        self.assertEqual(self.kinds("int* a(long x) { return reinterpret_cast<int*>(x); }\n"
                                    "int* b(long x) { return (int*)x; }\n"
                                    "int& c(const int& x) { return const_cast<int&>(x); }\n"
                                    "int* d(void* x) { return static_cast<int*>(x); }\n"
                                    "void* e(int* x) { return x; }\n"
                                    "long f(int x) { return static_cast<long>(x); }\n"),
                         [(1, "reinterpret_cast"), (2, "integer-to-pointer"), (3, "const_cast"), (4, "pointer-cast")])

    def test_assembly_and_linkage(self):
        self.assertEqual(self.kinds("void a() { asm(\"hlt\"); }\nasm(\"nop\");\nextern \"C\" void b();\n"),
                         [(1, "asm"), (2, "asm"), (3, "linkage")])

    def test_pointers(self):
        self.assertEqual(self.kinds("int a(int* p) { return *(p + 1); }\nint b(int* p) { return p[1]; }\n"
                                    "int c(int* p) { return *p; }\n"
                                    "int d() { int t[2] = {1, 2}; return t[1]; }\n"),
                         [(1, "computed-dereference"), (1, "pointer-arithmetic"), (2, "subscript"), (3, "dereference")])

    def test_memory(self):
        self.assertEqual(self.kinds("union U { int a; float b; };\nint a(volatile int& x) { return x; }\n"
                                    "int* b() { return new int(3); }\nvoid c() { __builtin_unreachable(); }\n"),
                         [(1, "union"), (2, "volatile"), (3, "new"), (4, "unchecked-call")])

    def test_templates_and_macros_count_once_where_they_are(self):
        self.assertEqual(self.kinds("template <class T> T* a(long x) { return reinterpret_cast<T*>(x); }\n"
                                    "auto b() { return a<int>(1) == nullptr || a<long>(1) == nullptr; }\n"
                                    "#define PEEK(x) (*(int*)(x))\n"
                                    "int c(long x) { return PEEK(x); }\n"),
                         [(1, "reinterpret_cast"), (4, "computed-dereference"), (4, "integer-to-pointer")])


if __name__ == "__main__":
    unittest.main()
