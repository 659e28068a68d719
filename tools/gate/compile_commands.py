# SPDX-License-Identifier: GPL-2.0-only
"""Runs the compiler again on files of a build, with other outputs than the build asked for."""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess


def read(build_dir, below, suffix=".cpp"):
    """The compile commands of a build directory for files below a directory: {file: (arguments, directory)}."""
    database = pathlib.Path(build_dir) / "compile_commands.json"
    if not database.exists():
        raise SystemExit(f"{database} does not exist: configure first (cmake --preset {pathlib.Path(build_dir).name})")
    result = {}
    for entry in json.loads(database.read_text()):
        file = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if file.suffix == suffix and pathlib.Path(below).resolve() in file.parents:
            result[file] = (shlex.split(entry["command"]), entry["directory"])
    if not result:
        raise SystemExit(f"{database} compiles nothing below {below}")
    return result


def without_output(arguments):
    """The arguments without what decides where and whether output and dependency files are written, and without plugins."""
    result = []
    skip = 0
    for argument in arguments:
        if skip:
            skip -= 1
        elif argument in ("-o", "-MT", "-MF", "-MQ"):
            skip = 1
        elif argument not in ("-c", "-MD", "-MMD") and not argument.startswith("-fplugin"):
            result.append(argument)
    return result


def run_all(commands, extra, jobs=None):
    """Runs each command with `extra(file)` appended; raises SystemExit with the compiler's words if one fails."""

    def run(item):
        file, (arguments, directory) = item
        result = subprocess.run([*without_output(arguments), *extra(file)], cwd=directory, capture_output=True, text=True,
                                env=dict(os.environ, LC_ALL="C"), timeout=600)
        if result.returncode:
            raise SystemExit(f"{file} does not compile:\n{result.stderr}")

    with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        for _ in pool.map(run, commands.items()):
            pass
