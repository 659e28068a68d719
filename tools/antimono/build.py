# SPDX-License-Identifier: GPL-2.0-only
"""antimono build: configures and builds one or more presets."""
import os
import pathlib
import re
import sys
import time

from antimono import config, packages, paths
from antimono.process import run_logged
from antimono.report import Failure, note, on_terminal

HELP = "build the kernel and the bundled programs"
DESCRIPTION = """\
Builds the kernel, the libsel4 headers and the bundled programs in build/<preset>, installing missing packages first.
"""
EPILOG = """\
examples:
  ./antimono build                              the kernel for sel4test's simulation settings, debug build
  ./antimono build --config default             for seL4's own defaults on pc99
  ./antimono build --config ~/sel4/build/kernel/gen_config/kernel/gen_config.json
                                                for the configuration of an existing seL4 build
  ./antimono build --config host                the kernel as a Linux process, with its unit tests
  ./antimono build --root-cnode-bits 16         with another size of the root CNode as default, in the headers, too;
                                                to boot with one, `run --root-cnode-bits` needs no other kernel
  ./antimono build --install /opt/antimono      then lay out headers, kernel and CMake package for other projects

The same without this command: cmake --preset sim-debug && cmake --build build/sim-debug
"""

NINJA_STEP = re.compile(r"\[(\d+)/(\d+)\]")


def add_arguments(parser):
    config.add_arguments(parser)
    parser.add_argument("--install", metavar="PREFIX", help="install into this directory after building")
    parser.add_argument("--clean", action="store_true", help="build from nothing")


def run(options):
    packages.ensure("build")
    configuration = config.from_options(options)
    if not build(configuration, clean=options.clean):
        note(f"antimono: {configuration.name} is up to date, {paths.shown(configuration.build_dir)}")
    if options.install:
        check_writable(pathlib.Path(options.install).absolute())
        run_logged(["cmake", "--install", configuration.build_dir, "--prefix", os.path.abspath(options.install)],
                   "install", f"install-{configuration.name}")
        note(f"antimono: installed into {options.install}")
    return 0


def check_writable(prefix):
    """CMake's own message would be a call stack."""
    nearest = next(path for path in (prefix, *prefix.parents) if path.exists())
    if not nearest.is_dir():
        raise Failure(f"--install {prefix}: {nearest} is a file; name a directory.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise Failure(f"--install {prefix}: you may not write to {nearest}; name another directory, or use sudo for this.")


#: What `./antimono build` builds: the kernel, libraries and sample programs; and that with the programs of the tests.
SAMPLES = ("hello", "tour")
EVERYTHING = ("all", "test_programs")


def targets_for(image):
    """What must be built to boot this image: a name, or a file, or None for the default."""
    return EVERYTHING if image and "/" not in image and image not in SAMPLES else ()


def build(configuration, targets=(), clean=False):
    """Configures if needed and builds; the result is in configuration.build_dir.

    Says what it did in one line; returns False, silently, if there was nothing to do.
    """
    configure(configuration)
    return build_directory(configuration.build_dir, configuration.name, targets, clean)


def build_directory(directory, name, targets=(), clean=False):
    """Builds in a directory that is configured, with the same words as `build`."""
    started = time.monotonic()
    counts = {}
    command = ["cmake", "--build", directory]
    if targets:
        command += ["--target", *targets]
    if clean:
        command += ["--clean-first"]
    said = False

    def on_line(line):
        # In a pipe there is no live line: say once that this may take minutes, but only if there is anything to build.
        nonlocal said
        text = status(line, counts)
        if counts and not said and not on_terminal(sys.stderr):
            said = True
            note(f"antimono: building {name}; progress in {paths.shown(paths.LOGS / f'build-{name}.log')}")
        return text

    run_logged(command, f"build {name}", f"build-{name}", env=environment(), on_line=on_line)
    if counts:
        note(f"antimono: built {name} in {time.monotonic() - started:.1f} s ({counts['done']} steps), "
             f"{paths.shown(directory)}")
    return bool(counts)


def configure(configuration):
    """Makes the build directory, unless it is there; ninja reconfigures by itself when something changed."""
    if not (configuration.build_dir / "build.ninja").exists():
        run_logged(["cmake", *configuration.cmake_arguments], f"configure {configuration.name}",
                   f"configure-{configuration.name}", env=environment())


def environment():
    """The caller's, without what would change how things are built."""
    return {key: value for key, value in os.environ.items() if key not in ("NINJA_STATUS", "CFLAGS", "CXXFLAGS")}


def status(line, counts):
    step = NINJA_STEP.match(line)
    if not step:
        return None
    if "Re-checking globbed directories" not in line:
        counts["done"] = int(step.group(1))
    return line.strip()
