# SPDX-License-Identifier: GPL-2.0-only
"""antimono hostile: confined threads throw everything they can at the kernel, and nothing may break or get lost."""
import pathlib
import tempfile

from antimono import build, config, images, packages, parameters, qemu
from antimono.report import Failure, note
from antimono.run import exit_status

HELP = "throw random calls at the kernel from confined threads"
DESCRIPTION = """\
Boots user/hostile: threads with every kind of capability make calls with random labels, arguments, capabilities,
message lengths and IPC buffers, and run code and registers that make no sense. They may destroy each other and
themselves, but have no device memory, no port that does something, and no priority above their supervisor's. At the end
everything is revoked, and memory, ports, interrupts and ASIDs must all be there again, to the last byte.
"""
EPILOG = """\
examples:
  ./antimono hostile                                     a short run
  ./antimono hostile --calls 10000000 --seed 7           a long one with other calls
  ./antimono hostile --icount                            every run of a seed is the same to the instruction
  ./antimono hostile --kernel kernel-x86_64-pc99         on another kernel, seL4's release kernel for instance

exit status: 0 if nothing broke; else as for `./antimono run` (125: kernel panic)
"""

PRESET = "sim-release"
PROGRAM = "hostile"
#: struct Parameters in user/hostile/hostile.h
MAGIC = "hostile params"
DEFAULT_CALLS = 300_000


def add_arguments(parser):
    config.add_arguments(parser, default=PRESET, default_text=PRESET)
    parser.add_argument("--calls", type=int, default=DEFAULT_CALLS, metavar="N",
                        help=f"calls to make (default: {DEFAULT_CALLS})")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which calls (default: 1)")
    parser.add_argument("--icount", action="store_true",
                        help="tie time to executed instructions, so that interrupts come at the same places, too")
    parser.add_argument("--kernel", metavar="FILE", help="boot this kernel instead of building ours")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="end the run after this time (default: never)")


def run_image(configuration, calls, seed, kernel=None, icount=False, timeout=None, **arguments):
    """One run; returns qemu.run's Outcome."""
    with tempfile.TemporaryDirectory(prefix="antimono-hostile-") as scratch:
        image = pathlib.Path(scratch) / PROGRAM
        image.write_bytes(parameters.patched(images.find(PROGRAM, configuration), MAGIC, calls, seed))
        machine = qemu.Machine(
            kernel=pathlib.Path(kernel) if kernel else configuration.kernel, modules=(image,), icount=0 if icount else None,
            arguments="" if kernel else qemu.KERNEL_ARGUMENTS, cpu=qemu.cpu_for(configuration.symbols()))
        return qemu.run(machine, timeout=timeout, **arguments)


def run(options):
    if options.calls < 1 or not 0 <= options.seed < 1 << 64:
        raise Failure("--calls must be at least 1, and --seed a number of 64 bits.")
    if options.kernel and not pathlib.Path(options.kernel).is_file():
        raise Failure(f"--kernel {options.kernel}: no such file.")
    configuration = config.from_options(options)
    if configuration.name == config.HOST:
        raise Failure("--config host is the kernel as a Linux process and cannot boot.")
    packages.ensure("build", "run")
    build.build(configuration, ("all", "hostile"))
    outcome = run_image(configuration, options.calls, options.seed, options.kernel, options.icount, options.timeout)
    note(f"antimono: {outcome.sentence()}, {options.calls / outcome.seconds:.0f} calls a second")
    return exit_status(outcome)
