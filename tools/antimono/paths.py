# SPDX-License-Identifier: GPL-2.0-only
"""Where things are."""
import pathlib

#: The checkout.
ROOT = pathlib.Path(__file__).resolve().parents[2]
#: Everything that the command makes goes below this directory.
BUILD = ROOT / "build"
#: Output of the tools that the command calls.
LOGS = BUILD / "logs"
#: The programs of clang 22 that have no versioned name in PATH.
LLVM = pathlib.Path("/usr/lib/llvm-22")


def shown(path):
    """A path as a person would type it: relative to the current directory if it is below it."""
    path = pathlib.Path(path)
    try:
        return str(path.resolve().relative_to(pathlib.Path.cwd()))
    except ValueError:
        return str(path)
