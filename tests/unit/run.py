# SPDX-License-Identifier: GPL-2.0-only
"""Runs the unit test programs of build/host/unit, several at once, and passes their result lines on."""
import concurrent.futures
import os
import re
import subprocess
import sys

from antimono import paths
from antimono.suite import matches

PROGRAMS = paths.BUILD / "host" / "unit"
SOURCES = paths.ROOT / "tests" / "unit"
#: A test's beginning; the name is one or more string literals.
TEST = re.compile(r'^TEST\(((?:\s*"(?:[^"\\]|\\.)*")+)\)', re.MULTILINE)


def programs():
    return sorted(path for path in PROGRAMS.iterdir() if path.is_file() and os.access(path, os.X_OK)) \
        if PROGRAMS.is_dir() else []


def names_in_sources():
    """Program and name of every test, without building any: what --list prints."""
    for source in sorted(SOURCES.rglob("*_test.cpp")):
        for found in TEST.finditer(source.read_text(encoding="utf-8")):
            name = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found[1]))
            yield f"{source.stem}/{name}"


def output(program, *arguments):
    return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)


def prefixed(program, text):
    """Result lines with the program's name before the test's."""
    for line in text.splitlines():
        for verdict in ("not ok ", "ok "):
            if line.startswith(verdict):
                line = f"{verdict}{program.name}/{line.removeprefix(verdict)}"
                break
        print(line)


def run(program):
    """Runs the whole program, or the chosen tests one by one."""
    pattern = os.environ.get("ANTIMONO_ONLY", "")
    names = output(program, "--list").stdout.splitlines()
    chosen = [name for name in names if matches(f"unit/{program.name}/{name}", pattern)]
    if len(chosen) == len(names):
        result = output(program)
        text = result.stdout
        if sum(line.startswith(("ok ", "not ok ")) for line in text.splitlines()) < len(names):
            text += f"not ok (all): the program ended with status {result.returncode} before all tests had run\n"
        return text
    return "".join(output(program, name).stdout for name in chosen)


def main():
    if "--list" in sys.argv[1:]:
        print("\n".join(names_in_sources()))
        return 0
    jobs = int(os.environ.get("ANTIMONO_JOBS", os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        found = programs()
        for program, text in zip(found, pool.map(run, found)):
            prefixed(program, text)
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
