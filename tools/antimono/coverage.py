# SPDX-License-Identifier: GPL-2.0-only
"""antimono coverage: which lines and branches of the kernel the host tests and fuzz corpora reach."""
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import tomllib

from antimono import build, config, packages, paths
from antimono.report import Failure, Progress, note, plural, say

HELP = "measure what the host tests and the fuzz corpora reach"
DESCRIPTION = """\
Builds the kernel as a Linux process that counts what it executes, runs the unit tests, the traces, the fuzz corpora and the
exhaustive check to a small depth, and writes a page for each source file to build/coverage/html. The exit status is 0 if
kernel/ is covered as far as it should be, and each line and branch that is not has a reason in tests/coverage.toml.
"""
EPILOG = """\
examples:
  ./antimono coverage
  ./antimono coverage --only kernel/ipc     the same, listing what is not covered there, explained or not
  ./antimono coverage --corpus build/fuzz-corpus/system_calls     with what `antimono fuzz` has learned here
"""

#: Percent of kernel/ that must be covered.
LINES, BRANCHES = 95, 90
BINARIES = paths.BUILD / config.COVERAGE
RAW = BINARIES / "raw"
HTML = BINARIES / "html"
REASONS = paths.ROOT / "tests" / "coverage.toml"
SOURCES = ("kernel", "frame/core", "frame/boot", "frame/include")
DEPTH = 3
#: How `llvm-cov show` writes a branch below its line: `|  Branch (77:9): [True: 12, False: 0]`, or Folded for a side that
#: no input can choose, which does not count.
BRANCH = re.compile(r"\|  Branch \((\d+):(\d+)\): \[(True: [^,]+|Folded), (False: [^,]+|Folded)\]$")


def add_arguments(parser):
    parser.add_argument("--corpus", action="append", default=[], metavar="DIR", help="more inputs for system_calls")
    parser.add_argument("--only", metavar="PATH", help="list all that is not covered in files whose path begins so")


def run(options):
    packages.ensure("build")
    build.build(config.resolve(config.COVERAGE), targets=["all_tests"])
    shutil.rmtree(RAW, ignore_errors=True)
    RAW.mkdir(parents=True)
    execute(options)
    profile = RAW / "all.profdata"
    with Progress("coverage") as progress:
        progress.update("gathering the counts")
        tool("llvm-profdata", "merge", "-sparse", "-o", profile, *sorted(RAW.glob("*.profraw")))
        measured = [BINARIES / "unit" / "unit_tests", f"-instr-profile={profile}", "-show-branches=count",
                    "-show-expansions=false", "-show-instantiations=false"]
        sources = [paths.ROOT / source for source in SOURCES]
        shutil.rmtree(HTML, ignore_errors=True)
        tool("llvm-cov", "show", *measured, "-format=html", f"-output-dir={HTML}", *sources)
        files = read_listing(tool("llvm-cov", "show", *measured, *sources))
        summary = json.loads(tool("llvm-cov", "export", *measured[:2], "-summary-only", *sources))
    for entry in summary["data"][0]["files"]:
        files[relative(entry["filename"])].totals = entry["summary"]
    return report(files, options.only)


def relative(path):
    return str(pathlib.Path(path).relative_to(paths.ROOT))


def execute(options):
    """Runs everything; all processes of a program, and what they fork, add to one file."""
    tests = paths.ROOT / "tests"
    programs = BINARIES / "fuzz"
    corpora = [pathlib.Path(path).absolute() for path in options.corpus]
    for path in corpora:
        if not path.is_dir():
            raise Failure(f"--corpus {path}: there is no such directory; `antimono fuzz` keeps what it learns in "
                          "build/fuzz-corpus.")
    runs = {"unit tests": [BINARIES / "unit" / "unit_tests"],
            f"every sequence of {DEPTH} operations": [programs / "exhaustive", DEPTH],
            "corpus system_calls": [programs / "system_calls", tests / "fuzz" / "corpus" / "system_calls", *corpora]}
    for name in ("boot_inputs", "capabilities"):
        runs[f"corpus {name}"] = [programs / name, tests / "fuzz" / "corpus" / name]
    for path in sorted((tests / "fuzz" / "traces").glob("*.trace")):
        runs[f"trace {path.stem}"] = [programs / "system_calls", "--replay", path]

    def execute_one(name):
        started = time.monotonic()
        # %c: the counters are a mapping of the file, so processes that a test ends count as well.
        environment = dict(os.environ, LLVM_PROFILE_FILE=f"{RAW}/{name.replace(' ', '-')}%c.profraw")
        done = subprocess.run([str(part) for part in runs[name]], cwd=RAW, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", check=False)
        if done.returncode != 0:
            raise Failure(f"{name} failed, status {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}\nWhat fails cannot "
                          "be measured: `./antimono test --only unit/` and `--only fuzz/` say more.")
        return name, time.monotonic() - started

    with Progress("coverage") as progress, concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        started = [pool.submit(execute_one, name) for name in runs]
        for number, done in enumerate(concurrent.futures.as_completed(started), 1):
            name, seconds = done.result()
            progress.clear()
            note(f"antimono: coverage: {name}, {seconds:.1f} s ({number} of {len(runs)})")
            progress.update(f"{number} of {len(runs)} done")


def tool(name, *arguments):
    done = subprocess.run([paths.LLVM / "bin" / name, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{name} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


class File:
    """What llvm-cov shows of a source file. All instantiations of a template count as one."""

    def __init__(self):
        self.totals = {}     # llvm-cov's own summary
        self.uncovered = {}  # line: text
        self.branches = {}   # (line, column, side): whether it was taken
        self.text = {}       # line: text

    def one_way(self):
        """{line: text} of lines that were reached, with a side of a branch that was not."""
        return {line: self.text[line] for line, _, _ in sorted(key for key, taken in self.branches.items() if not taken)
                if line not in self.uncovered}


def read_listing(listing):
    """{path: File} from the text of `llvm-cov show`."""
    files = {}
    current = File()
    for line in listing.splitlines():
        if line.startswith("/") and line.endswith(":"):
            current = files.setdefault(relative(line[:-1]), File())
        elif branch := BRANCH.search(line):
            for side in branch[3], branch[4]:
                if side != "Folded":
                    name, count = side.split(": ")
                    key = int(branch[1]), int(branch[2]), name
                    current.branches[key] = current.branches.get(key, False) or count != "0"
        else:
            number, _, rest = line.partition("|")
            if number.strip().isdigit():
                count, _, text = rest.partition("|")
                current.text[int(number)] = text
                if count.strip() == "0":
                    current.uncovered[int(number)] = text
    return files


def share(files, what):
    """(percent, of how many) lines or branches of these files were covered, as llvm-cov counts them."""
    covered = sum(file.totals[what]["covered"] for file in files)
    count = sum(file.totals[what]["count"] for file in files)
    return 100 * covered / count if count else 100.0, count


def fits(text, patterns):
    """Whether the text is as a pattern, or one of several, has it."""
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


class Reasons:
    """tests/coverage.toml: why lines and branches are not covered, by file and text."""

    NEEDED, ALLOWED = {"path", "line", "reason"}, {"path", "line", "reason", "after", "branch"}

    def __init__(self, path):
        content = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.entries = content.get("uncovered", [])
        self.used = set()
        for entry in self.entries:
            if not self.NEEDED <= set(entry) <= self.ALLOWED:
                raise Failure(f"{paths.shown(path)}: an entry has {', '.join(sorted(self.NEEDED))}, and after and branch if they "
                              f"help; one has {', '.join(sorted(entry))}.")

    def explains(self, path, text, before, is_branch):
        """Whether an entry has a reason for this line, which follows `before`: one that nothing reached, or one of which a
        branch went one way only. The file's comment says what an entry holds."""
        for number, entry in enumerate(self.entries):
            if ((is_branch or not entry.get("branch", False)) and fits(path, entry["path"]) and fits(text, entry["line"])
                    and fits(before, entry.get("after", "*"))):
                self.used.add(number)
                return True
        return False

    def unused(self):
        return [entry for number, entry in enumerate(self.entries) if number not in self.used]


def print_table(files):
    directories = sorted({str(pathlib.Path(path).parent) for path in files})
    say(f"{'':28}  {'lines':>17}  {'branches':>17}")
    for directory in directories:
        inside = [file for path, file in files.items() if str(pathlib.Path(path).parent) == directory]
        cells = [f"{percent:6.1f} % of {count:5}" for percent, count in (share(inside, "lines"), share(inside, "branches"))]
        say(f"{directory:28}  {cells[0]}  {cells[1]}")


def report(files, only):
    print_table(files)
    kernel = {path: file for path, file in sorted(files.items()) if path.startswith("kernel/")}
    reasons = Reasons(REASONS)
    unexplained = 0
    for path, file in sorted(files.items()):
        for what, lines in ("not covered", file.uncovered), ("one way only", file.one_way()):
            for number, text in lines.items():
                is_explained = path not in kernel or reasons.explains(path, text.strip(), file.text.get(number - 1, "").strip(),
                                                                      what == "one way only")
                unexplained += not is_explained
                if path.startswith(only) if only else not is_explained:
                    say(f"{what}: {path}:{number}: {text.strip()}")
    for entry in reasons.unused():
        say(f"{paths.shown(REASONS)}: covered by now: {entry['path']}: {entry['line']}")
    lines, line_count = share(kernel.values(), "lines")
    branches, branch_count = share(kernel.values(), "branches")
    say(f"kernel/: {lines:.1f} % of {line_count} lines, {branches:.1f} % of {branch_count} branches; pages in "
        f"{paths.shown(HTML / 'index.html')}")
    wrong = []
    if lines < LINES:
        wrong.append(f"{LINES} % of the lines of kernel/ shall be covered")
    if branches < BRANCHES:
        wrong.append(f"{BRANCHES} % of the branches of kernel/ shall be covered")
    if unexplained:
        wrong.append(f"{plural(unexplained, 'line')} above need a test, or a reason in {paths.shown(REASONS)}")
    if reasons.unused():
        wrong.append(f"{plural(len(reasons.unused()), 'reason')} above can go")
    if wrong:
        raise Failure(f"coverage: {'; '.join(wrong)}.")
    return 0
