# SPDX-License-Identifier: GPL-2.0-only
"""antimono coverage: which lines and branches of the kernel the host tests and fuzz corpora reach."""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import tomllib

from antimono import build, config, packages, paths
from antimono.report import Failure, plural, say

HELP = "measure what the host tests and the fuzz corpora reach"
DESCRIPTION = """\
Builds the kernel as a Linux process that counts what it executes, runs the unit tests, the traces, the fuzz corpora and the
exhaustive check to a small depth, and writes a page for each source file to build/coverage/html. The exit status is 0 if
kernel/ is covered as far as it should be, and each line that is not has a reason in tests/coverage.toml.
"""
EPILOG = """\
examples:
  ./antimono coverage
  ./antimono coverage --corpus build/fuzz-corpus/system_calls     with what `antimono fuzz` has learned here
"""

#: Percent of kernel/ that must be covered.
LINES, BRANCHES = 95, 90
BINARIES = paths.BUILD / config.COVERAGE
RAW = BINARIES / "raw"
HTML = BINARIES / "html"
REASONS = paths.ROOT / "tests" / "coverage.toml"
DEPTH = 3


def add_arguments(parser):
    parser.add_argument("--corpus", action="append", default=[], metavar="DIR", help="more inputs for system_calls")


@dataclasses.dataclass
class File:
    """What lcov says of a source file."""
    lines: dict = dataclasses.field(default_factory=dict)      # line: count
    branches: list = dataclasses.field(default_factory=list)   # (line, count)

    def uncovered(self):
        return sorted(line for line, count in self.lines.items() if count == 0)

    def uncovered_branches(self):
        """Lines that were reached, with a side of a branch that was not."""
        return sorted({line for line, count in self.branches if count == 0 and self.lines.get(line, 1) != 0})


def run(options):
    packages.ensure("build")
    build.build(config.resolve(config.COVERAGE), targets=["all_tests"])
    shutil.rmtree(RAW, ignore_errors=True)
    RAW.mkdir(parents=True)
    execute(options)
    profile = RAW / "all.profdata"
    tool("llvm-profdata", "merge", "-sparse", "-o", profile, *sorted(RAW.glob("*.profraw")))
    program = BINARIES / "unit" / "unit_tests"
    sources = [paths.ROOT / "kernel", paths.ROOT / "frame" / "core", paths.ROOT / "frame" / "boot",
               paths.ROOT / "frame" / "include"]
    shutil.rmtree(HTML, ignore_errors=True)
    tool("llvm-cov", "show", program, f"-instr-profile={profile}", "-format=html", f"-output-dir={HTML}",
         "-show-branches=count", "-show-expansions=false", *sources)
    files = parse(tool("llvm-cov", "export", program, f"-instr-profile={profile}", "-format=lcov", *sources))
    return report(files)


def execute(options):
    """Runs everything; all processes of a program, and what they fork, add to one file."""
    tests = paths.ROOT / "tests"
    system_calls = BINARIES / "fuzz" / "system_calls"
    commands = [[BINARIES / "unit" / "unit_tests"],
                [system_calls, tests / "fuzz" / "corpus" / "system_calls",
                 *(pathlib.Path(path).absolute() for path in options.corpus)],
                [BINARIES / "fuzz" / "exhaustive", DEPTH],
                *([BINARIES / "fuzz" / name, tests / "fuzz" / "corpus" / name] for name in ("boot_inputs", "capabilities")),
                *([system_calls, "--replay", path] for path in sorted((tests / "fuzz" / "traces").glob("*.trace")))]
    for number, command in enumerate(commands):
        environment = dict(os.environ, LLVM_PROFILE_FILE=f"{RAW}/{number}%c.profraw")
        done = subprocess.run([str(part) for part in command], cwd=RAW, env=environment, capture_output=True, text=True,
                              errors="replace", check=False)
        if done.returncode != 0:
            raise Failure(f"{paths.shown(command[0])} failed:\n{(done.stdout + done.stderr)[-2000:]}")


def tool(name, *arguments):
    done = subprocess.run([paths.LLVM / "bin" / name, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{name} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


def parse(lcov):
    files = {}
    for line in lcov.splitlines():
        key, _, value = line.partition(":")
        if key == "SF":
            current = files.setdefault(str(pathlib.Path(value).relative_to(paths.ROOT)), File())
        elif key == "DA":
            number, count = map(int, value.split(",")[:2])
            current.lines[number] = current.lines.get(number, 0) + count
        elif key == "BRDA":
            number, _, _, count = value.split(",")
            current.branches.append((int(number), 0 if count == "-" else int(count)))
    return files


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def figures(files):
    """(percent of lines, percent of branches, lines, branches)"""
    lines = [count for file in files for count in file.lines.values()]
    branches = [count for file in files for _, count in file.branches]
    return (percent(sum(count != 0 for count in lines), len(lines)),
            percent(sum(count != 0 for count in branches), len(branches)), len(lines), len(branches))


class Reasons:
    """tests/coverage.toml: why lines are not covered, by file and text."""

    def __init__(self, path):
        content = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.entries = content.get("uncovered", [])
        self.used = set()
        for entry in self.entries:
            if set(entry) != {"path", "line", "reason"}:
                raise Failure(f"{paths.shown(path)}: an entry has path, line and reason, not {', '.join(sorted(entry))}.")

    def reason(self, path, text):
        for number, entry in enumerate(self.entries):
            if entry["path"] == path and entry["line"] in text:
                self.used.add(number)
                return entry["reason"]
        return None

    def unused(self):
        return [entry for number, entry in enumerate(self.entries) if number not in self.used]


def report(files):
    kernel = {path: file for path, file in files.items() if path.startswith("kernel/")}
    say("                                      lines          branches")
    directories = sorted({str(pathlib.Path(path).parent) for path in files})
    for directory in directories:
        lines, branches, line_count, branch_count = figures(
            [file for path, file in files.items() if str(pathlib.Path(path).parent) == directory])
        say(f"{directory:34} {lines:6.1f} % of {line_count:<6} {branches:6.1f} % of {branch_count}")
    reasons = Reasons(REASONS)
    unexplained = 0
    for path, file in sorted(kernel.items()):
        source = (paths.ROOT / path).read_text(encoding="utf-8").splitlines()
        for number in file.uncovered():
            if reasons.reason(path, source[number - 1]) is None:
                unexplained += 1
                say(f"not covered: {path}:{number}: {source[number - 1].strip()}")
    for path, file in sorted(kernel.items()):
        source = (paths.ROOT / path).read_text(encoding="utf-8").splitlines()
        for number in file.uncovered_branches():
            if reasons.reason(path, source[number - 1]) is None:
                say(f"one way only: {path}:{number}: {source[number - 1].strip()}")
    for entry in reasons.unused():
        say(f"{paths.shown(REASONS)}: covered by now: {entry['path']}: {entry['line']}")
    lines, branches, line_count, branch_count = figures(kernel.values())
    say(f"kernel/: {lines:.1f} % of {line_count} lines, {branches:.1f} % of {branch_count} branches; "
        f"{plural(unexplained, 'line')} neither covered nor explained; pages in {paths.shown(HTML / 'index.html')}")
    if lines < LINES or branches < BRANCHES or unexplained or reasons.unused():
        say(f"Asked for: {LINES} % of the lines, {BRANCHES} % of the branches, and a reason in {paths.shown(REASONS)} for "
            "the rest.")
        return 1
    return 0
