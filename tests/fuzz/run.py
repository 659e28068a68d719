# SPDX-License-Identifier: GPL-2.0-only
"""Does every kept trace and the fuzz corpora again, explores the tiny system, and shows that a failure would be seen."""
import os
import re
import subprocess
import sys
import tempfile

from antimono import config, paths, trace
from antimono.fuzz import PROGRAMS, SEEDS, TARGETS
from antimono.suite import Suite, expect, expect_in, fail

HERE = paths.ROOT / "tests" / "fuzz"
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:abort_on_error=1", ANTIMONO_CHECK_EVERY="1")
#: Deep enough to finish in seconds; `exhaustive 6` takes minutes (docs/testing.md).
DEPTH = 4

suite = Suite()


def run(*command, timeout=300):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, check=False,
                          env=ENVIRONMENT)


def failure(done):
    return f"{trace.reason_in(done.stderr) or f'status {done.returncode}'}\n{done.stderr[-3000:]}"


def add_trace(path):
    @suite.case(f"trace {path.stem}")
    def _():
        done = run(PROGRAMS / "system_calls", "--replay", path)
        expect(done.returncode == 0, failure(done))


def add_corpus(target):
    @suite.case(f"corpus {target}")
    def _():
        with tempfile.TemporaryDirectory(prefix="antimono-corpus-") as scratch:
            done = run(PROGRAMS / target, SEEDS / target, "-runs=0", f"-artifact_prefix={scratch}/")
        expect(done.returncode == 0, failure(done))


for trace_path in sorted((HERE / "traces").glob("*.trace")):
    add_trace(trace_path)
for each in TARGETS:
    add_corpus(each)


@suite.case(f"every sequence of {DEPTH} operations over the tiny system")
def _():
    done = run(PROGRAMS / "exhaustive", str(DEPTH))
    expect(done.returncode == 0, (done.stdout + done.stderr)[-3000:])
    expect_in("every invariant holds in every state", done.stdout, "output")
    found = re.search(rf"depth {DEPTH}: (\d+) states, (\d+) transitions", done.stdout)
    expect(found is not None, done.stdout)
    # Few states would mean that the operations do nothing.
    expect(int(found[1]) > 5000, f"only {found[1]} states")


@suite.case("at least half of the generated system calls succeed")
def _():
    with tempfile.TemporaryDirectory(prefix="antimono-table-") as scratch:
        table = f"{scratch}/table"
        done = subprocess.run([PROGRAMS / "system_calls", SEEDS / "system_calls", "-runs=0", f"-artifact_prefix={scratch}/"],
                              capture_output=True, text=True, timeout=300, check=False,
                              env=dict(ENVIRONMENT, ANTIMONO_TABLE=table))
        expect(done.returncode == 0, failure(done))
        from antimono.fuzz import pathlib, read_table, share_of_success
        counts = read_table(pathlib.Path(table))
    share = share_of_success(counts)
    expect(share >= 50, f"{share:.0f} % of {sum(counts.values())} calls")
    expect(len(counts) > 200, f"only {len(counts)} (call, result) pairs")


@suite.case("a trace that is none is refused with its line")
def _():
    with tempfile.NamedTemporaryFile("w", suffix=".trace") as file:
        file.write("# comment\nYield cap=0x0 info=0x0/0/0/0\nno such thing\n")
        file.flush()
        done = run(PROGRAMS / "system_calls", "--replay", file.name)
    expect(done.returncode == 2, f"status {done.returncode}")
    expect_in(":3: this is no step: no such thing", done.stderr, "message")


@suite.case("the minimiser leaves only what a failure needs")
def _():
    # A system call that stops the machine, among others that do not matter. DebugHalt is what it is for.
    steps = ["Yield cap=0x0 info=0x0/0/0/0"] * 5 + ["DebugHalt cap=0x0 info=0x0/0/0/0"] + ["interrupt 157"] * 4
    reason = trace.fails(steps)
    if reason is None:
        fail("the halting trace did not fail")
    shortest = trace.minimise(steps, reason)
    expect(shortest == ["DebugHalt cap=0x0 info=0x0/0/0/0"], "\n".join(shortest))


if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
