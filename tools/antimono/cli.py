# SPDX-License-Identifier: GPL-2.0-only
"""The command line: finds the subcommands and runs one."""
import argparse
import importlib
import sys

from antimono.report import Failure, say

SUBCOMMANDS = ("build",)

DESCRIPTION = """\
Builds, boots and tests the Antimono microkernel.

  ./antimono build                 build the kernel and the bundled programs
"""


def main(arguments=None):
    """Runs one subcommand; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="antimono", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    subparsers = parser.add_subparsers(title="subcommands", metavar="", required=True)
    for name in SUBCOMMANDS:
        module = importlib.import_module(f"antimono.{name}")
        sub = subparsers.add_parser(
            name, help=module.HELP, description=module.DESCRIPTION, epilog=getattr(module, "EPILOG", None),
            formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except Failure as failure:
        say(f"antimono: {failure}", stream=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 130
