# SPDX-License-Identifier: GPL-2.0-only
"""antimono replay: does a trace again and says what came of each step."""
import os
import pathlib
import subprocess

from antimono import build, config, packages, paths, trace
from antimono.report import Failure

HELP = "do the system calls of a trace again, checking everything"
DESCRIPTION = """\
Builds the kernel as a Linux process, boots it, and does what the trace says, one step a line, each followed by who ran and
what came of it. All invariants are checked after every kernel entry. The exit status is 0 if they held.
"""
EPILOG = """\
examples:
  ./antimono replay tests/fuzz/traces/deleted-caller.trace
  ./antimono replay build/findings/system_calls-20260101-120000.trace
  ./antimono replay --minimise TRACE                leaves out every step that the failure does not need

tests/machine/trace.cpp describes the format; traces may be written by hand.
"""


def add_arguments(parser):
    parser.add_argument("trace", metavar="TRACE", help="file with one step a line")
    parser.add_argument("--minimise", action="store_true", help="print the shortest trace that fails the same way")


def run(options):
    path = pathlib.Path(options.trace)
    if not path.is_file():
        raise Failure(f"{path}: no such file. `antimono fuzz` leaves traces in build/findings, tests are in tests/fuzz/traces.")
    packages.ensure("build")
    build.build(config.resolve(config.HOST), targets=["system_calls"])
    if options.minimise:
        return minimise(path)
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0",
                       ASAN_SYMBOLIZER_PATH=str(paths.LLVM / "bin" / "llvm-symbolizer"))
    status = subprocess.run([trace.PROGRAM, "--replay", path], env=environment, check=False).returncode
    return 0 if status == 0 else 1


def minimise(path):
    steps = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    reason = trace.fails(steps)
    if reason is None:
        raise Failure(f"{path} does not fail: there is nothing to make shorter.")
    print(f"# {reason}")
    for step in trace.minimise(steps, reason):
        print(step)
    return 0
