# SPDX-License-Identifier: GPL-2.0-only
"""antimono replay: does a trace again and says what came of each step."""
import os
import pathlib
import subprocess

from antimono import build, config, packages, paths, replay_machine, trace
from antimono.report import Failure

HELP = "do the system calls of a trace again, checking everything"
DESCRIPTION = """\
Builds the kernel as a Linux process, boots it, and does what the trace says, one step a line, each followed by who ran and
what came of it. All invariants are checked after every kernel entry. The exit status is 0 if they held.

With --machine the kernel boots in QEMU, too, where a root task (user/replay) makes the same system by ordinary system calls
and its threads take the same steps. Each step is shown with who took it and what that thread had in its registers, on the
modelled machine and in QEMU; the exit status is 0 if they are the same. A machine's threads run code of their own: one whose
instruction pointer or address space a step takes away faults, and one that the kernel sends back to its system call
makes it again. The modelled machine's threads do so here, too. What only the modelled machine can do is left out or
replaced, on both, and said: preemption at a chosen point, interrupts of devices, exceptions that no instruction raises,
invocations and calls that the preset does not have.
"""
EPILOG = """\
examples:
  ./antimono replay tests/fuzz/traces/deleted-caller.trace
  ./antimono replay build/findings/system_calls-20260101-120000.trace
  ./antimono replay --minimise TRACE                leaves out every step that the failure does not need
  ./antimono replay --machine TRACE                 on the modelled machine and in QEMU, step beside step
  ./antimono replay --machine TRACE --kernel kernel-x86_64-pc99
                                                    the same with another kernel in QEMU

tests/machine/trace.cpp describes the format; traces may be written by hand.
"""


def add_arguments(parser):
    parser.add_argument("trace", metavar="TRACE", help="file with one step a line")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--minimise", action="store_true", help="print the shortest trace that fails the same way")
    group.add_argument("--machine", action="store_true", help="do it in QEMU, too, and compare")
    parser.add_argument("--config", default=replay_machine.PRESET, choices=config.PRESETS, metavar="PRESET",
                        help=f"with --machine: what the kernel in QEMU is built for (default: {replay_machine.PRESET})")
    parser.add_argument("--kernel", type=pathlib.Path, metavar="FILE",
                        help="with --machine: a kernel to boot instead of ours, built for the same configuration")


def run(options):
    path = pathlib.Path(options.trace)
    if not path.is_file():
        raise Failure(f"{path}: no such file. `antimono fuzz` leaves traces in build/findings, tests are in tests/fuzz/traces.")
    if options.kernel and not options.machine:
        raise Failure("--kernel says what to boot in QEMU: add --machine.")
    if options.kernel and not options.kernel.is_file():
        raise Failure(f"{options.kernel}: no such file. Give a kernel that was built for the configuration {options.config}.")
    packages.ensure("build", *(["run"] if options.machine else []))
    build.build(config.resolve(config.HOST), targets=["system_calls"])
    if options.machine:
        configuration = config.resolve(options.config)
        build.build(configuration, targets=["kernel", replay_machine.PROGRAM])
        return replay_machine.run(path, configuration, options.kernel)
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
