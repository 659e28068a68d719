# SPDX-License-Identifier: GPL-2.0-only
"""What the case files of this suite share: the suite, a scratch directory, running the command, reading its errors."""
import pathlib
import subprocess
import sys
import tempfile

from antimono import paths
from antimono.suite import Suite, expect, expect_equal, expect_in

suite = Suite()
SCRATCH = tempfile.TemporaryDirectory(prefix="antimono-test-")
HERE = pathlib.Path(SCRATCH.name)
ANTIMONO = str(paths.ROOT / "antimono")
PATIENCE = 60


def write(name, content):
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


#: A file that passes for a root task; the fake kernels never look at it.
IMAGE = write("image", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(60))


def antimono(*arguments, env=None, cwd=None):
    """Runs the command with nothing on standard input; returns the completed process, output as text."""
    return subprocess.run([sys.executable, ANTIMONO, *map(str, arguments)], stdin=subprocess.DEVNULL, cwd=cwd,
                          capture_output=True, text=True, timeout=PATIENCE, check=False, env=env)


def one_sentence(result, status, *parts):
    """The command failed with one line on standard error that names these things, and no traceback."""
    expect_equal(result.returncode, status, f"exit status (stderr: {result.stderr!r})")
    lines = result.stderr.strip().splitlines()
    expect_equal(len(lines), 1, f"lines on standard error ({result.stderr!r})")
    expect(lines[0].startswith("antimono: "), f"no prefix: {lines[0]!r}")
    for part in parts:
        expect_in(part, lines[0], "the sentence")
