# SPDX-License-Identifier: GPL-2.0-only
"""antimono build: configures and builds one preset."""
import os
import pathlib
import subprocess

from antimono.report import Failure

HELP = "build the kernel and the bundled programs"
DESCRIPTION = "Builds the kernel and the bundled programs for one preset in build/<preset>."

ROOT = pathlib.Path(__file__).resolve().parents[2]


def add_arguments(parser):
    parser.add_argument("--config", default="sim-debug", metavar="NAME", help="preset (default: sim-debug)")


def build(preset):
    """Configures if needed and builds; returns the build directory."""
    directory = ROOT / "build" / preset
    if not (directory / "build.ninja").exists():
        run_tool(["cmake", "--preset", preset])
    run_tool(["cmake", "--build", str(directory)])
    return directory


def run_tool(command):
    if subprocess.run(command, cwd=ROOT, env=os.environ, check=False).returncode != 0:
        raise Failure(f"'{' '.join(command)}' failed; its output above says why.")


def run(options):
    build(options.config)
    return 0
