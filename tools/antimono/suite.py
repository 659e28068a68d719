# SPDX-License-Identifier: GPL-2.0-only
"""The helper library for test suites, and the protocol between a suite and `antimono test`.

A suite is a directory tests/<name>/ with a suite.json:
    {"title": "what it shows, one line", "command": ["python3", "tests/<name>/run.py"],
     "needs": ["sim-debug", "host"],        presets that must be built before; "PRESET:TARGET:..." builds only these targets
     "packages": ["run"],                   purposes in packages.py
     "timeout": 600, "order": 50}           seconds for the whole suite; smaller order runs earlier
The command runs in the root of the checkout and prints lines:
    ok NAME                                 optionally followed by ` # 1.2 s`
    not ok NAME: REASON                     likewise
    # TEXT                                  details of the `not ok` line before it
    note TEXT                               something to be shown although nothing failed, a figure for instance
With --list it prints the names only. Environment: ANTIMONO_ONLY (pattern; a suite may skip what does not match),
ANTIMONO_JOBS (how many processes it may run at once), PYTHONPATH (so that `import antimono.suite` works).
A suite may be written in any language; in Python, this module does all of it:
    suite = Suite()
    @suite.case("loads an ELF file")
    def _():
        expect_equal(read(), 7, "entry")
    sys.exit(suite.main())
"""
import concurrent.futures
import fnmatch
import functools
import os
import sys
import time
import traceback

from antimono.report import Failure


class Failed(Exception):
    """A case failed: one line of reason, details on further lines."""


def fail(reason):
    raise Failed(reason)


def expect(condition, reason):
    if not condition:
        raise Failed(reason)


def expect_equal(actual, expected, what):
    if actual != expected:
        raise Failed(f"{what}: {actual!r}, expected {expected!r}")


def expect_in(part, whole, what):
    if part not in whole:
        raise Failed(f"{what} lacks {part!r}\n{whole}")


def once(function):
    """Decorates what many cases share: works it out once for each argument; if that fails, every case that asks fails."""
    @functools.cache
    def attempt(*arguments):
        try:
            return function(*arguments), None
        except Failure as failure:
            return None, str(failure)

    @functools.wraps(function)
    def shared(*arguments):
        result, problem = attempt(*arguments)
        if problem is not None:
            fail(problem)
        return result

    return shared


def matches(name, pattern):
    """True if a full case name (suite/case) is chosen by --only: a glob, else a part of the name, in any case."""
    if not pattern:
        return True
    name, pattern = name.lower(), pattern.lower()
    return fnmatch.fnmatchcase(name, pattern) or pattern in name


class Suite:
    """A list of named cases."""

    def __init__(self, name=None):
        self.cases = []
        self.name = name or os.path.basename(os.path.dirname(os.path.abspath(sys.argv[0])))

    def add(self, name, function):
        """A case passes if the function returns; it raises Failed (or anything) otherwise."""
        if any(name == other for other, _ in self.cases):
            raise ValueError(f"two cases are called {name!r}")
        self.cases.append((name, function))

    def case(self, name):
        def register(function):
            self.add(name, function)
            return function
        return register

    def main(self, jobs=None):
        """Runs the chosen cases, `jobs` at once (default: ANTIMONO_JOBS); returns the exit status."""
        if "--list" in sys.argv[1:]:
            print("\n".join(name for name, _ in self.cases))
            return 0
        pattern = os.environ.get("ANTIMONO_ONLY", "")
        chosen = [case for case in self.cases if matches(f"{self.name}/{case[0]}", pattern)]
        jobs = jobs or int(os.environ.get("ANTIMONO_JOBS", os.cpu_count() or 1))
        failed = 0
        output = sys.stdout  # a case may redirect it while others end
        with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
            futures = [pool.submit(run_case, *case) for case in chosen]
            try:
                for future in concurrent.futures.as_completed(futures):
                    line, passed = future.result()
                    failed += not passed
                    print(line, file=output, flush=True)
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)
                return 130
        return 1 if failed else 0


def run_case(name, function):
    started = time.monotonic()
    reason = None
    try:
        function()
    except Failed as failed:
        reason = str(failed)
    except Exception:  # a broken case is a failed case, and says where
        reason = "the case itself raised\n" + traceback.format_exc()
    seconds = f" # {time.monotonic() - started:.1f} s"
    if reason is None:
        return f"ok {name}{seconds}", True
    first, *details = reason.splitlines() or ["no reason given"]
    return "\n".join([f"not ok {name}: {first}{seconds}", *(f"# {line}" for line in details)]), False
