# SPDX-License-Identifier: GPL-2.0-only
"""Runs the unit tests in build/host/unit, several files at once, and passes their result lines on."""
import concurrent.futures
import os
import re
import subprocess
import sys

from antimono import paths
from antimono.suite import matches

PROGRAM = paths.BUILD / "host" / "unit" / "unit_tests"
SOURCES = paths.ROOT / "tests" / "unit"
#: A test's beginning; the name is one or more string literals.
TEST = re.compile(r'^TEST\(((?:\s*"(?:[^"\\]|\\.)*")+)\)', re.MULTILINE)


def names_in_sources():
    """Program and name of every test, without building any: what --list prints."""
    for source in sorted(SOURCES.rglob("*_test.cpp")):
        for found in TEST.finditer(source.read_text(encoding="utf-8")):
            name = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found[1]))
            yield f"{source.stem}/{name}"


def output(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)


def run(names):
    """Runs these tests, all of one file; says so if the program ended before it had run them."""
    result = output(*names)
    text = result.stdout
    if sum(line.startswith(("ok ", "not ok ")) for line in text.splitlines()) < len(names):
        text += f"not ok {names[0].split('/')[0]}: the program ended with status {result.returncode} before all tests had run\n"
    return text


def main():
    if "--list" in sys.argv[1:]:
        print("\n".join(names_in_sources()))
        return 0
    pattern = os.environ.get("ANTIMONO_ONLY", "")
    listed = output("--list")
    if listed.returncode != 0:
        print(f"not ok (all): {listed.stdout.strip()}")
        return 1
    files = {}
    for name in listed.stdout.splitlines():
        if matches(f"unit/{name}", pattern):
            files.setdefault(name.split("/")[0], []).append(name)
    jobs = int(os.environ.get("ANTIMONO_JOBS", os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for text in pool.map(run, files.values()):
            print(text, end="", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
