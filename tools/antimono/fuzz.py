# SPDX-License-Identifier: GPL-2.0-only
"""antimono fuzz: runs a fuzz target, shows how far it came, and turns what it finds into a short trace."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from antimono import build, config, packages, paths, trace
from antimono.report import Failure, plural, say

HELP = "search for kernel bugs with random systems and inputs"
DESCRIPTION = """\
Runs a fuzz target against the kernel as a Linux process. What it learns is kept in build/fuzz-corpus/TARGET and used
again. The first failure ends the run: its trace is made as short as possible, printed and kept in build/findings.

The shadow that knows which object lives in every 16 bytes, and the invariants, are always there. --asan adds AddressSanitizer
and UBSan, at about a tenth of the speed; what a run without them learned is a good start for one with them.
"""
EPILOG = """\
targets:
  system_calls      whole systems: system calls, interrupts, preemptions and memory accesses; every invariant is checked
  boot_inputs       what boot loaders and firmware pass: PVH, multiboot 1 and 2, ACPI tables, ELF images
  capabilities      the encodings of capabilities

examples:
  ./antimono fuzz                                 system_calls for ten minutes
  ./antimono fuzz boot_inputs --minutes 2
  ./antimono fuzz --minutes 60 --check-every 256  fewer checks of the invariants, more calls
  ./antimono fuzz --asan                          under the sanitizers
  ./antimono fuzz --record                        the kernel's behaviour changed, and should: record what inputs lead to
"""

TARGETS = ("system_calls", "boot_inputs", "capabilities")
SEEDS = paths.ROOT / "tests" / "fuzz" / "corpus"
CORPUS = paths.BUILD / "fuzz-corpus"
#: What the inputs of system_calls lead to (tests/fuzz/recording.hpp).
RECORDED = paths.ROOT / "tests" / "fuzz" / "recorded"
FINDINGS = paths.BUILD / "findings"
#: libFuzzer's statuses when the time is over, or somebody ended it.
ENDED_WELL = (0, 72, -2, -15)
#: What the table calls the number of kernel entries.
ENTRIES = ("entries", "")
#: libFuzzer's progress: "#1234 NEW cov: 100 ft: 200 corp: 3/4b ..."
STATUS = re.compile(r"^#(\d+)\s+\S+.*?cov: (\d+) ft: (\d+) corp: (\d+)")


def add_arguments(parser):
    parser.add_argument("target", nargs="?", default="system_calls", metavar="TARGET", help="default: system_calls")
    parser.add_argument("--minutes", type=float, default=10, metavar="N", help="how long (default: 10)")
    parser.add_argument("--check-every", type=int, default=64, metavar="N",
                        help="check all invariants after each Nth step and at the end of each system (default: 64)")
    parser.add_argument("--asan", action="store_true", help="under AddressSanitizer and UBSan")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at once (default: 1)")
    parser.add_argument("--record", action="store_true",
                        help="search for nothing; record in tests/fuzz/recorded what the kept inputs lead to, for the tests")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="start of the random numbers (default: by time)")


def run(options):
    if options.target not in TARGETS:
        raise Failure(f"{options.target}: no such fuzz target. There are: {', '.join(TARGETS)}.")
    if options.minutes <= 0 or options.check_every < 1 or options.jobs < 1:
        raise Failure("--minutes, --check-every and --jobs take numbers above 0.")
    packages.ensure("build")
    if options.record:
        return record()
    preset = config.FUZZ_ASAN if options.asan else config.FUZZ
    build.build(config.resolve(preset), targets=[options.target])
    options.program = paths.BUILD / preset / "fuzz" / options.target
    corpus = CORPUS / options.target
    corpus.mkdir(parents=True, exist_ok=True)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="antimono-fuzz-") as scratch:
        runs = [Fuzzer(options, corpus, pathlib.Path(scratch) / str(job), job) for job in range(options.jobs)]
        try:
            watch(runs)
        finally:
            for fuzzer in runs:
                fuzzer.stop()
        total = summary(runs)
        failed = [fuzzer for fuzzer in runs if fuzzer.process.returncode not in ENDED_WELL]
        if failed:
            return report_finding(failed[0], options)
    say(f"no finding in {total} kernel entries" if options.target == "system_calls" else "no finding")
    return 0


def record():
    build.build(config.resolve(config.HOST), targets=["system_calls"])
    done = trace.execute(["--record", RECORDED, SEEDS / "system_calls"], timeout=900)
    if done.returncode != 0:
        raise Failure(f"the kept inputs do not come to their end: {trace.reason_in(done.stderr) or done.stderr.strip()}")
    say(f"{paths.shown(RECORDED)}: {done.stderr.strip()}")
    return 0


class Fuzzer:
    """One libFuzzer process."""

    def __init__(self, options, corpus, scratch, job):
        scratch.mkdir(parents=True)
        self.scratch = scratch
        self.target = options.target
        self.log = open(scratch / "log", "w+", encoding="utf-8", errors="replace")
        self.table = scratch / "table"
        command = [options.program, corpus]
        if (SEEDS / options.target).is_dir():
            command.append(SEEDS / options.target)
        command += [f"-max_total_time={int(options.minutes * 60)}", "-max_len=4096", "-len_control=20", "-print_final_stats=1",
                    "-reload=10", "-timeout=30", "-rss_limit_mb=4096", f"-artifact_prefix={scratch}/"]
        if options.seed:
            command.append(f"-seed={options.seed + job}")
        environment = dict(os.environ, ANTIMONO_CHECK_EVERY=str(options.check_every), ANTIMONO_TABLE=str(self.table),
                           ASAN_OPTIONS="detect_leaks=0:abort_on_error=1:symbolize=1",
                           ASAN_SYMBOLIZER_PATH=str(paths.LLVM / "bin" / "llvm-symbolizer"))
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.log, start_new_session=True)

    def status(self):
        """(inputs, coverage, features, corpus) as last printed."""
        text = (self.scratch / "log").read_text(encoding="utf-8", errors="replace")
        for line in reversed(text.splitlines()):
            found = STATUS.match(line)
            if found:
                return tuple(map(int, found.groups()))
        return 0, 0, 0, 0

    def results(self):
        """{(call, result): count}; the kernel entries are under ENTRIES."""
        return read_table(self.table)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def read_table(path):
    counts = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, result, count = line.split("\t")
            counts[name, result] = int(count)
    return counts


def merged(runs):
    counts = {}
    for fuzzer in runs:
        for key, count in fuzzer.results().items():
            counts[key] = counts.get(key, 0) + count
    return counts


def watch(runs):
    """Prints progress until all processes have ended, or one failed."""
    last = 0
    while any(fuzzer.process.poll() is None for fuzzer in runs):
        if any(fuzzer.process.returncode not in (None, 0) for fuzzer in runs):
            return
        time.sleep(0.5)
        if time.monotonic() - last >= 10:
            last = time.monotonic()
            progress(runs)


def progress(runs):
    seconds = time.monotonic() - runs[0].started
    counts = merged(runs)
    entries = counts.pop(ENTRIES, 0)
    inputs = sum(fuzzer.status()[0] for fuzzer in runs)
    coverage = max(fuzzer.status()[1] for fuzzer in runs)
    text = f"{seconds:6.0f} s  {inputs:9} inputs  coverage {coverage}"
    if entries:
        text += (f"  {entries:10} entries  {entries / seconds:8.0f}/s  {share_of_success(counts):3.0f} % successful"
                 f"  {len(counts)} pairs")
    say(text)


#: Results of invocations; the other steps are no invocations.
def share_of_success(counts):
    """Percent of system calls that did what they were for: not refused, not a fault."""
    calls = {key: count for key, count in counts.items() if key[0] not in ("interrupt", "trap", "exception", "access", "repeat")}
    good = sum(count for (_, result), count in calls.items() if result in ("success", "sent", "blocked", "preempted"))
    return 100 * good / max(1, sum(calls.values()))


def summary(runs):
    counts = merged(runs)
    entries = counts.pop(ENTRIES, 0)
    if not counts:
        return 0
    say()
    say("reached (call: results with their counts)")
    for name in sorted({name for name, _ in counts}):
        results = sorted(((count, result) for (other, result), count in counts.items() if other == name), reverse=True)
        say(f"  {name}: " + ", ".join(f"{result} {count}" for count, result in results))
    seconds = time.monotonic() - runs[0].started
    say(f"{entries} kernel entries in {seconds:.0f} s ({entries / seconds:.0f}/s), {len(counts)} (call, result) pairs, "
        f"{share_of_success(counts):.0f} % of the calls successful, coverage {max(run.status()[1] for run in runs)}")
    return entries


def report_finding(fuzzer, options):
    """Says what failed; for systems, makes the trace short and keeps it."""
    log = (fuzzer.scratch / "log").read_text(encoding="utf-8", errors="replace")
    reason = trace.reason_in(log)
    inputs = sorted(path for path in fuzzer.scratch.iterdir()
                    if path.name.startswith(("crash-", "timeout-", "oom-", "leak-")))
    if not inputs:
        say(log[-4000:])
        raise Failure(f"{options.target} ended with status {fuzzer.process.returncode} and left no input")
    name = f"{options.target}-{time.strftime('%Y%m%d-%H%M%S')}"
    kept = FINDINGS / f"{name}.input"
    shutil.copy(inputs[0], kept)
    (FINDINGS / f"{name}.log").write_text(log, encoding="utf-8")
    say(f"FOUND: {reason}")
    if options.target == "system_calls":
        shortest = trace.minimise(trace.of_input(kept, options.program), reason, options.program)
        path = FINDINGS / f"{name}.trace"
        path.write_text(f"# {reason}\n" + "".join(f"{line}\n" for line in shortest), encoding="utf-8")
        say(f"{plural(len(shortest), 'step')}:")
        for line in shortest:
            say(f"  {line}")
        say(f"Do it again: ./antimono replay {paths.shown(path)}")
    else:
        say(f"The input is {paths.shown(kept)}. Do it again: {paths.shown(options.program)} {paths.shown(kept)}")
    return 1
