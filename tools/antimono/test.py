# SPDX-License-Identifier: GPL-2.0-only
"""antimono test: runs every suite and counts."""
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import selectors
import subprocess
import sys
import threading
import time

from antimono import build, config, packages, paths
from antimono.process import end_group, ending, ends_with_us, side_by_side
from antimono.report import Failure, Progress, plural, say
from antimono.suite import matches

HELP = "run every test suite"
DESCRIPTION = """\
Sets up what is missing, builds what the suites need and runs them all. Each case prints one line; the last line is
`N passed, N failed`, and the exit status is 0 only if nothing failed.
"""
EPILOG = """\
examples:
  ./antimono test                      everything
  ./antimono test --list               the names, one a line, as suite/case
  ./antimono test --only boot/         one suite
  ./antimono test --only '*uefi*'      cases by name

A suite is a directory in tests/ with a suite.json; tools/antimono/suite.py says how to write one.
"""

#: Where suites are looked for; the variable serves the tests of this module.
TESTS = pathlib.Path(os.environ.get("ANTIMONO_TESTS", paths.ROOT / "tests"))
#: Builds at once; a suite more than that, because suites often wait for something.
LANES = 2
RESULT = re.compile(r"(?P<verdict>ok|not ok) (?P<rest>.*?)(?: # (?P<seconds>[0-9.]+) s)?$")


def add_arguments(parser):
    parser.add_argument("--only", metavar="PATTERN", default="", help="glob or part of suite/case")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and run nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="processes at once (default: number of CPUs)")


@dataclasses.dataclass
class SuiteInfo:
    """A suite.json."""
    name: str
    title: str
    command: list
    needs: list
    packages: list
    timeout: float
    order: int


def discover():
    """All suites, in the order they run."""
    suites = []
    for path in sorted(TESTS.glob("*/suite.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            suites.append(SuiteInfo(
                path.parent.name, data["title"], data["command"], data.get("needs", []), data.get("packages", []),
                data.get("timeout", 600), data.get("order", 50)))
        except (ValueError, KeyError) as error:
            raise Failure(f"{paths.shown(path)} is no valid suite description: {error}") from None
    return sorted(suites, key=lambda suite: (suite.order, suite.name))


def run(options):
    suites = discover()
    if options.list:
        return list_cases(suites, options.only)
    if options.only:
        suites = chosen(suites, options.only)
    packages.ensure("build", *sorted({purpose for suite in suites for purpose in suite.packages}))
    tally = Tally()
    started = time.monotonic()
    # Side by side, because both builds and suites have stretches that keep one processor only.
    lanes = max(1, min(LANES, options.jobs))
    broken = build_needs(suites, tally, lanes)
    at_once = max(1, min(lanes + 1 if lanes > 1 else 1, len(suites)))
    jobs = max(1, options.jobs // at_once)
    side_by_side(lambda suite: run_suite(suite, options.only, jobs, tally, broken.intersection(suite.needs)), suites,
                 at_once)
    if tally.passed + tally.failed == 0:
        raise Failure(no_such_case(options.only) if options.only else "no test suite found in tests/.")
    say()
    for name, reason in tally.failures:
        say(f"FAIL {name}: {reason}")
    say(f"{plural(len(suites), 'suite')} in {time.monotonic() - started:.0f} s")
    say(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


class Tally:
    """Counts results and prints them."""

    def __init__(self):
        self.lock = threading.RLock()
        self.passed = 0
        self.failed = 0
        self.failures = []

    def record(self, name, reason=None, seconds=None):
        time_text = f"  ({float(seconds):.1f} s)" if seconds and float(seconds) >= 0.05 else ""
        with self.lock:
            if reason is None:
                self.passed += 1
                say(f"pass {name}{time_text}")
            else:
                self.failed += 1
                self.failures.append((name, reason))
                say(f"FAIL {name}: {reason}{time_text}")


def build_needs(suites, tally, at_once):
    """Builds each preset that some suite needs; returns the names that failed. Each is a case of its own."""
    def build_one(need):
        preset, *targets = need.split(":")
        started = time.monotonic()
        try:
            configuration = config.resolve(preset)
            build.build(configuration, targets or (build.EVERYTHING if configuration.boots else ()))
        except Failure as failure:
            tally.record(f"build/{preset}", str(failure))
            return need
        tally.record(f"build/{preset}", seconds=time.monotonic() - started)
        return None

    needs = dict.fromkeys(name for suite in suites for name in suite.needs)
    return {broken for broken in side_by_side(build_one, needs, at_once) if broken}


def environment(only, jobs):
    return dict(os.environ, ANTIMONO_ONLY=only, ANTIMONO_JOBS=str(jobs),
                PYTHONPATH=str(paths.ROOT / "tools"), PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1")


def run_suite(suite, only, jobs, tally, broken):
    """Runs one suite's command and records its lines."""
    if broken:
        tally.record(f"{suite.name}/(suite)", f"not run, because {', '.join(sorted(broken))} did not build")
        return
    say(f"-- {suite.name}: {suite.title}")
    started = time.monotonic()
    command = [sys.executable if suite.command[0] == "python3" else suite.command[0], *suite.command[1:]]
    outcome = Outcome()
    process = subprocess.Popen(
        command, cwd=paths.ROOT, env=environment(only, jobs), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    try:
        with Progress(suite.name) as progress, ends_with_us(process):
            timed_out = not read_results(process, suite, only, tally, progress, outcome)
    finally:
        end_group(process)  # a suite's processes end with it
        process.stdout.close()
    complaint = None
    if timed_out:
        complaint = f"did not end within {suite.timeout:.0f} s"
    elif process.returncode != 0 and outcome.failed == 0:
        complaint = f"ended with status {process.returncode} although no case failed"
    elif outcome.passed + outcome.failed == 0 and not only:
        complaint = "reported no case"
    if complaint and not ending.is_set():
        with tally.lock:
            for line in outcome.stray[-40:]:
                say(f"     {line}")
        tally.record(f"{suite.name}/(suite)", complaint, time.monotonic() - started)


@dataclasses.dataclass
class Outcome:
    """What one suite has reported so far."""
    passed: int = 0
    failed: int = 0
    stray: list = dataclasses.field(default_factory=list)  # lines that are no results


def read_results(process, suite, only, tally, progress, outcome):
    """Records result lines until the output ends (True) or the suite's time is over (False)."""
    deadline = time.monotonic() + suite.timeout
    selector = selectors.DefaultSelector()
    selector.register(process.stdout, selectors.EVENT_READ)
    pending = ""
    os.set_blocking(process.stdout.fileno(), False)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        progress.update(f"{outcome.passed} passed, {outcome.failed} failed")
        if not selector.select(min(left, 0.5)):
            continue
        chunk = os.read(process.stdout.fileno(), 65536)
        if not chunk:
            if pending:
                take_line(pending, suite, only, tally, progress, outcome)
            process.wait()
            return True
        *lines, pending = (pending + chunk.decode(errors="replace")).split("\n")
        with tally.lock:  # a result and its details stay together
            for line in lines:
                take_line(line, suite, only, tally, progress, outcome)


def take_line(line, suite, only, tally, progress, outcome):
    result = RESULT.fullmatch(line)
    if result is None:
        if line.startswith("note "):
            progress.clear()
            say(f"     {line.removeprefix('note ')}")
        elif line.startswith("# ") and outcome.failed:
            progress.clear()
            say(f"     {line[2:]}")
        else:
            outcome.stray.append(line)
        return
    readings = [(result["rest"], None)] if result["verdict"] == "ok" else readings_of_failure(result["rest"])
    for short_name, reason in readings:
        name = f"{suite.name}/{short_name}"
        if not matches(name, only):
            continue
        progress.clear()
        if reason is None:
            outcome.passed += 1
        else:
            outcome.failed += 1
        tally.record(name, reason if reason is None else reason or "no reason given", result["seconds"])
        return


def readings_of_failure(text):
    """What `NAME: REASON` may mean, as (name, reason): both may have `: ` in them. The shortest name comes first."""
    parts = text.split(": ")
    return [(": ".join(parts[:count]), ": ".join(parts[count:])) for count in range(1, len(parts) + 1)]


def chosen(suites, pattern):
    """The suites that have a case of such a name: nothing is built for the others."""
    found = [suite for suite, names in case_names(suites) if any(matches(name, pattern) for name in names)]
    if not found:
        raise Failure(no_such_case(pattern))
    return found


def no_such_case(pattern):
    return f"--only {pattern}: no case has such a name. `./antimono test --list` prints them all."


def case_names(suites):
    """(suite, its cases' full names) for each suite."""
    def names(suite):
        command = [sys.executable if suite.command[0] == "python3" else suite.command[0], *suite.command[1:], "--list"]
        listed = subprocess.run(command, cwd=paths.ROOT, env=environment("", 1), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, text=True, check=False)
        return [f"{suite.name}/{line}" for line in listed.stdout.splitlines()]

    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(zip(suites, pool.map(names, suites)))


def list_cases(suites, pattern):
    for _, names in case_names(suites):
        for name in names:
            if matches(name, pattern):
                say(name)
    return 0
