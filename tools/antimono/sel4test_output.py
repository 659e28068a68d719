# SPDX-License-Identifier: GPL-2.0-only
"""What sel4test prints, read while it comes: which test runs, which ended how, and how the whole run ended.

sel4test announces each test with a line `Starting test N: NAME`, or an XML element if it was built so, and reports
what goes wrong in it as `Error: TEXT at line N of file F` (or `Failure: ...`). Only builds that print debug output say
that a test passed, so a test has passed when the next one starts, or the run ends, without such a report.
"""
import dataclasses
import re
import time

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
START = re.compile(r'Starting test (?P<number>\d+): (?P<name>\S.*?)\s*$|<testcase classname="[^"]*" name="(?P<xml>[^"]*)">')
PROBLEM = re.compile(r"(?:Error|Failure): (?P<text>.*) at line (?P<line>\d+) of file (?P<file>\S+)"
                     r"|<(?:error|failure)\b[^>]*>(?P<xml>.*)</(?:error|failure)>")
COUNTS = re.compile(r"Test suite passed\. (?P<all>\d+) tests passed\.|Test suite failed\. (?P<some>\d+)/(?P<of>\d+) tests passed")
#: The last thing that sel4test prints; it never ends by itself.
VERDICTS = {"All is well in the universe": True, "*** FAILURES DETECTED ***": False, "*** ALL tests not run ***": False}


@dataclasses.dataclass
class Test:
    """One test that was started. `problems`: what it reported; none if it passed."""
    name: str
    started: float
    seconds: float = 0.0
    problems: list = dataclasses.field(default_factory=list)


class Transcript:
    """One run of sel4test. `on_end(test)` is called for each test as it ends, `on_start(test)` as it starts."""

    def __init__(self, on_end=lambda test: None, on_start=lambda test: None, clock=time.monotonic):
        self.on_end, self.on_start, self.clock = on_end, on_start, clock
        self.tests = []          # that ended, in order
        self.current = None      # the one that runs
        self.verdict = None      # True or False once sel4test says so
        self.counted = None      # (passed, all) as sel4test counts
        self.heard = clock()     # when a test last started or ended
        self.pending = b""

    def feed(self, chunk):
        """Takes the next piece of output, lines ended by a line feed."""
        *lines, self.pending = (self.pending + chunk).split(b"\n")
        for line in lines:
            self.take(COLOUR.sub("", line.decode(errors="replace")).rstrip("\r"))

    def take(self, line):
        if start := START.search(line):
            self.end_current()
            self.current = Test(start["name"] or start["xml"], self.clock())
            self.on_start(self.current)
        elif problem := PROBLEM.search(line):
            if self.current:
                self.current.problems.append(
                    problem["xml"] or f"{problem['text']} (line {problem['line']} of {problem['file']})")
        elif counts := COUNTS.search(line):
            self.end_current()
            self.counted = ((int(counts["all"]),) * 2 if counts["all"] else (int(counts["some"]), int(counts["of"])))
        elif line.strip() in VERDICTS:
            self.end_current()
            self.verdict = VERDICTS[line.strip()]

    def end_current(self):
        """The test that runs has ended, because something after it was printed."""
        self.heard = self.clock()
        if self.current:
            self.current.seconds = self.heard - self.current.started
            self.tests.append(self.current)
            test, self.current = self.current, None
            self.on_end(test)


@dataclasses.dataclass
class Comparison:
    """The tests of a run beside a recorded list."""
    failed: list       # tests with problems
    missing: list      # names that were recorded but did not run, although the run went past their place
    not_reached: list  # recorded names behind the last test of a run that never came to its end
    extra: list        # names that ran but are not recorded, or once too often
    reordered: bool    # the same tests in another order

    def equal(self):
        return not (self.failed or self.missing or self.not_reached or self.extra or self.reordered)


def compare(transcript, recorded):
    """The Comparison of what ran, the test that still runs included, with the recorded names."""
    ran = [test.name for test in transcript.tests]
    if transcript.current:
        ran.append(transcript.current.name)
    absent, extra = list(recorded), []
    for name in ran:
        if name in absent:
            absent.remove(name)
        else:
            extra.append(name)
    not_reached = []
    if transcript.verdict is None:
        past = max((recorded.index(name) for name in ran if name in recorded), default=-1)
        not_reached = [name for name in absent if recorded.index(name) > past]
    missing = [name for name in absent if name not in not_reached]
    common = [name for name in ran if name not in extra]
    reordered = common != [name for name in recorded if name in common] and not extra
    return Comparison([test for test in transcript.tests if test.problems], missing, not_reached, extra, reordered)
