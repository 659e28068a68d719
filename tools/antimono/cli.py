# SPDX-License-Identifier: GPL-2.0-only
"""The command line: finds the subcommands and runs one."""
import argparse
import importlib
import os
import signal
import sys

from antimono.report import Failure, say

SUBCOMMANDS = ("run", "build", "test", "sel4test", "conform", "hostile", "fuzz", "replay", "mutate", "coverage", "preemption",
               "bench", "debug", "image", "check")

DESCRIPTION = """\
Builds, boots and tests the Antimono microkernel.

  ./antimono run                   boot the bundled hello program in QEMU
  ./antimono test                  run every test
  ./antimono run my-root-task      boot your own image, one that seL4's build made for instance
  ./antimono sel4test IMAGE        run sel4test and compare with what the seL4 kernel passes
  ./antimono conform               compare what programs see with recordings of the seL4 kernel
  ./antimono SUBCOMMAND --help     more about each, with examples

Missing packages are installed with apt after a notice. Everything that is built goes to build/.
"""


def main(arguments=None):
    """Runs one subcommand; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="antimono", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    subparsers = parser.add_subparsers(title="subcommands", metavar="SUBCOMMAND", dest="subcommand", required=True)
    for name in SUBCOMMANDS:
        module = importlib.import_module(f"antimono.{name}")
        sub = subparsers.add_parser(
            name, help=module.HELP, description=module.DESCRIPTION, epilog=getattr(module, "EPILOG", None),
            formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    # `timeout` and CI systems end us so; what we started must end, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        return options.run(options)
    except BrokenPipeError:
        # The reader of our output left (| head): nobody is there to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Failure as failure:
        say(f"antimono: {failure}", stream=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 130
