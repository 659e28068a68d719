# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of the gate's tools share."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GATE = ROOT / "tools/gate"
CLANG = os.environ.get("ANTIMONO_CLANGXX", "/usr/lib/llvm-22/bin/clang++")
sys.path[:0] = [str(GATE), str(ROOT / "tools")]


def build_dir():
    """A configured build of the machine backend, with the plugin built; or the test is skipped."""
    path = pathlib.Path(os.environ.get("ANTIMONO_BUILD_DIR", ROOT / "build/sim-debug"))
    if not (path / "gate-flags.json").exists():
        raise unittest.SkipTest(f"{path} is not configured (set ANTIMONO_BUILD_DIR)")
    return path


class TreeTest(unittest.TestCase):
    """A test that works on a small source tree of its own."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.tree = pathlib.Path(directory.name).resolve()

    def write(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def compile(self, name, *flags):
        """Compiles a file of the tree to bitcode, as the kernel is; returns the object's path."""
        source = self.tree / name
        output = source.with_suffix(".o")
        result = subprocess.run([CLANG, "--target=x86_64-unknown-none-elf", "-std=c++26", "-ffreestanding", "-g", "-O2",
                                 "-flto=thin", "-fno-exceptions", f"-I{self.tree}", *flags, "-c", str(source), "-o",
                                 str(output)], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        return output

    def tool(self, name, *arguments):
        """Runs a tool of the gate; returns (exit status, output)."""
        result = subprocess.run([sys.executable, "-B", str(GATE / f"{name}.py"), *map(str, arguments)],
                                capture_output=True, text=True, timeout=300)
        return result.returncode, result.stdout + result.stderr
