# SPDX-License-Identifier: GPL-2.0-only
"""antimono sel4test: runs a sel4test image and compares what it ran with what the seL4 kernel passes."""
import pathlib
import statistics
import time

from antimono import config, elf, paths, qemu, sel4test_image, sel4test_output
from antimono import run as run_command
from antimono.report import Failure, Progress, note, plural, say

HELP = "run a sel4test image and compare with what the seL4 kernel passes"
DESCRIPTION = """\
Boots an image of sel4test, made by seL4's own build with its simulation settings, in QEMU. Shows each test as it ends
and compares the list with the tests that the same image runs, and passes, on the seL4 kernel 16.0.0
(tests/recorded/sel4-16.0.0/sel4test-PRESET.txt): tests that failed, are missing or are new are named.
"""
EPILOG = """\
examples:
  ./antimono sel4test ~/sel4test/build/images/sel4test-driver-image-x86_64-pc99
                                         the configuration comes from the build around the image
  ./antimono sel4test IMAGE --config sim-release
                                         an image that lies elsewhere; it may not tell which kernel it needs
  ./antimono sel4test IMAGE --runs 20    twenty times, then a table of wall times
  ./antimono sel4test IMAGE --quiet      a line for each run instead of one for each test
  ./antimono sel4test IMAGE --kernel ~/sel4test/build/images/kernel-x86_64-pc99
                                         on the seL4 kernel itself, to compare the times
  ./antimono sel4test IMAGE --config gen_config.json --recorded tests.txt
                                         another configuration, with a list of tests of your own, a name a line

which configuration:
  Without --config, the gen_config.json of the seL4 build around the image (../kernel/gen_config/kernel) decides. Where
  there is none, the image's table of tests and its symbols decide if they fit one preset only; else the command asks.

exit status:
  0          in every run, exactly the recorded tests ran, in their order, and all passed
  1          some test failed, is missing, is new, or the image could not be run
  120        a debug system call halted the kernel
  123        the machine reset or switched itself off
  124        no test ended for --patience seconds
  125        kernel panic
  126        QEMU or the machine could not be started
  130        Ctrl-C

The whole output of each run is kept in build/logs/sel4test-CONFIG[-RUN].log.
"""

RECORDED = paths.ROOT / "tests" / "recorded" / "sel4-16.0.0"
PRESETS = ("sim-debug", "sim-release", "sim-domains")
PATIENCE = 180


def add_arguments(parser):
    parser.add_argument("image", metavar="IMAGE", help="sel4test-driver-image-x86_64-pc99 of a seL4 build")
    config.add_arguments(parser, None, "what the image was built for")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="run it N times (default: 1)")
    parser.add_argument("--recorded", metavar="FILE", help="compare with this list, a test's name a line")
    parser.add_argument("--patience", type=float, default=PATIENCE, metavar="SECONDS",
                        help=f"a test that takes longer hangs (default: {PATIENCE})")
    parser.add_argument("--logs", metavar="DIR", default=paths.LOGS,
                        help="where the whole output of each run goes (default: build/logs)")
    parser.add_argument("--quiet", action="store_true", help="a line for each run instead of one for each test")
    run_command.add_machine_arguments(parser, "3G")


def run(options):
    if options.runs < 1:
        raise Failure(f"--runs {options.runs}: give 1 or more.")
    if options.patience <= 0:
        raise Failure(f"--patience {options.patience:g}: give a number of seconds above 0.")
    elf.explain_unless_image(find(options.image))
    recorded = choose(options)
    logs = pathlib.Path(options.logs)
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"--logs {logs}: cannot be made a directory ({error.strerror}).") from None
    description, image = run_command.machine(options, paths.BUILD / "run.iso")
    label = config.to_boot(options)[0].name + ("-other" if options.kernel else "")
    note(f"antimono: booting {image.name} ({description.memory}, {description.cpu.split(',')[0]}), "
         f"{plural(len(recorded), 'test')} expected")
    results = []
    for number in range(1, options.runs + 1):
        name = f"sel4test-{label}.log" if options.runs == 1 else f"sel4test-{label}-{number}.log"
        result = Run(number, options, recorded, logs / name)
        result.go(description)
        result.report()
        results.append(result)
        if result.outcome.kind == "killed":
            break
    if options.runs > 1:
        table(results, options.runs)
    return next((result.status() for result in results if not result.passed()), 0)


def find(name):
    path = pathlib.Path(name)
    if not path.exists():
        raise Failure(f"{name}: no such file. sel4test's build leaves its image in images/, as "
                      "sel4test-driver-image-x86_64-pc99.")
    return path


def choose(options):
    """Settles options.config and returns the list of tests to expect."""
    lists = {preset: read_list(RECORDED / f"sel4test-{preset}.txt") for preset in PRESETS}
    if options.config is None:
        options.config, why = sel4test_image.detect(options.image, lists)
        note(f"antimono: {pathlib.Path(options.image).name} was built for {why}")
    else:
        sel4test_image.warn_if_contradicted(options.image, options.config)
    if options.recorded:
        return read_list(pathlib.Path(options.recorded))
    preset = options.config
    if preset not in config.PRESETS and pathlib.Path(preset).is_file():
        preset = config.preset_like(preset)[0] or preset
    if preset in lists:
        return lists[preset]
    config.from_options(options)  # if it is no configuration at all, that is what is wrong
    raise Failure(f"--config {options.config}: there is no recorded list of sel4test's tests for this configuration, only "
                  f"for {', '.join(lists)}. Give the tests to expect with --recorded FILE, a name a line.")


def read_list(path):
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: cannot be read as a list of tests ({getattr(error, 'strerror', None) or error}).") from None
    if not names:
        raise Failure(f"{path}: names no test. Write the tests to expect into it, a name a line.")
    return names


class Run:
    """One boot of the image, shown while it goes on, and what came of it."""

    def __init__(self, number, options, recorded, log):
        self.number, self.options, self.recorded, self.log = number, options, recorded, log
        self.prefix = f"run {number}  " if options.runs > 1 else ""
        self.transcript = self.outcome = self.comparison = self.progress = None

    def go(self, description):
        self.transcript = sel4test_output.Transcript(self.show, self.show_start)
        with Progress("sel4test") as self.progress, open(self.log, "wb") as log:
            def sink(text):
                log.write(text)
                self.transcript.feed(text)

            self.outcome = qemu.run(
                description, sink=sink, patience=self.patience,
                stop_when=lambda output: self.transcript.verdict is not None)
        self.comparison = sel4test_output.compare(self.transcript, self.recorded)

    def patience(self):
        return self.transcript.heard + self.options.patience - time.monotonic()

    def place(self, count):
        return f"{self.prefix}{count:{len(str(len(self.recorded)))}}/{len(self.recorded)}"

    def show_start(self, test):
        self.progress.update(f"{self.place(len(self.transcript.tests) + 1)}  {test.name}")

    def show(self, test):
        """A line for a test that ended."""
        known = "" if test.name in self.recorded else "  (not in the recorded list)"
        place = self.place(len(self.transcript.tests))
        if test.problems:
            self.progress.clear()
            say(f"{place}  FAIL  {test.name}: {test.problems[0]}{known}")
        elif not self.options.quiet:
            self.progress.clear()
            say(f"{place}  pass  {test.name}{f'  ({test.seconds:.1f} s)' if test.seconds >= 0.5 else ''}{known}")

    def complaints(self):
        """Sentences about everything that is not as recorded; none if the run passed."""
        found = []
        last = self.transcript.current or (self.transcript.tests or [None])[-1]
        where = f"{'in' if self.transcript.current else 'after'} {last.name}" if last else "before the first test started"
        if self.outcome.kind == "timeout":
            found.append(f"hung {where}: no test ended for {self.options.patience:g} s (--patience)")
        elif self.outcome.kind == "exited":
            found.append(f"the guest ended QEMU with status {self.outcome.status} {where}")
        elif self.outcome.kind != "stopped":
            found.append(f"{self.outcome.sentence()}, {where}")
        compared = self.comparison
        for test in compared.failed:
            found.append(f"failed: {test.name}: {'; '.join(test.problems)}")
        for kind, names in (("missing", compared.missing), ("extra", compared.extra)):
            if names:
                found.append(f"{kind}: {', '.join(names)}")
        if compared.not_reached:
            names = compared.not_reached
            found.append(f"not reached: {plural(len(names), 'test')}, " + (
                names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"))
        if compared.reordered:
            found.append("the recorded tests ran in another order")
        transcript = self.transcript
        if transcript.verdict is not None:
            if not transcript.verdict and not compared.failed:
                found.append("sel4test says that it failed, but not which test")
            if transcript.counted is None or transcript.counted[1] != len(transcript.tests):
                counted = "no number" if transcript.counted is None else f"{transcript.counted[1]}"
                found.append(f"sel4test counted {counted} of tests, but {len(transcript.tests)} were announced")
        return found

    def passed(self):
        return not self.complaints()

    def passed_count(self):
        return sum(not test.problems for test in self.transcript.tests)

    def status(self):
        return {"timeout": run_command.STATUS_TIMEOUT, "halted": run_command.STATUS_HALTED, "panic": run_command.STATUS_PANIC,
                "reset": run_command.STATUS_RESET, "killed": run_command.STATUS_KILLED}.get(self.outcome.kind, 1)

    def report(self):
        complaints = self.complaints()
        count = f"{self.passed_count()} of {len(self.recorded)} tests passed"
        if not complaints:
            say(f"{self.prefix}PASSED: {count}, the recorded list exactly, in {self.outcome.seconds:.1f} s "
                f"({self.outcome.cpu_seconds:.1f} s of processor time)")
            return
        say(f"{self.prefix}FAILED: {count}, after {self.outcome.seconds:.1f} s")
        for complaint in complaints:
            say(f"  {complaint}")
        if self.outcome.kind != "stopped":
            for line in self.outcome.output.decode(errors="replace").splitlines()[-15:]:
                say(f"  | {line}")
        say(f"  the whole output is in {paths.shown(self.log)}")


def table(results, wanted):
    """Times and verdicts of several runs. QEMU's processor time tells more than wall time on a busy machine."""
    say()
    say("run  passed  failed  missing  extra  seconds  processor")
    for result in results:
        compared = result.comparison
        missing = len(compared.missing) + len(compared.not_reached)
        say(f"{result.number:3}  {result.passed_count():6}  {len(compared.failed):6}  {missing:7}  "
            f"{len(compared.extra):5}  {result.outcome.seconds:7.1f}  {result.outcome.cpu_seconds:9.1f}")
    good = sum(result.passed() for result in results)
    unfinished = f" of {wanted}" if len(results) < wanted else ""
    say(f"{plural(len(results), 'run')}{unfinished}: {good} passed, {len(results) - good} failed; "
        f"wall time {spread([result.outcome.seconds for result in results])}; "
        f"processor time {spread([result.outcome.cpu_seconds for result in results])}")


def spread(seconds):
    return f"min {min(seconds):.1f} s, median {statistics.median(seconds):.1f} s, max {max(seconds):.1f} s"
