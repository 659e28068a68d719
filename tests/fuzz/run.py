# SPDX-License-Identifier: GPL-2.0-only
"""Does every kept trace and the fuzz corpora again, explores the tiny system, and shows that a failure would be seen."""
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile

from antimono import config, conform_seeded, mutants, paths, replay_machine, seeded, trace
from antimono.fuzz import ENTRIES, RECORDED, SEEDS, TARGETS, pathlib, read_table, share_of_success
from antimono.suite import Suite, expect, expect_equal, expect_in, fail

HERE = paths.ROOT / "tests" / "fuzz"
PROGRAMS = paths.BUILD / config.HOST / "fuzz"
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:abort_on_error=1", ANTIMONO_CHECK_EVERY="1")
#: Deep enough to finish in seconds; `exhaustive 6` takes minutes (docs/testing.md).
DEPTH = 4

suite = Suite()


def run(*command, timeout=300, table=None):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, check=False,
                          env=dict(ENVIRONMENT, ANTIMONO_TABLE=table) if table else ENVIRONMENT)


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
        done = run(PROGRAMS / target, SEEDS / target)
        expect(done.returncode == 0, failure(done))
        expect_in(f"{len(list((SEEDS / target).iterdir()))} inputs", done.stderr, "output")


@suite.case("corpus system_calls, and random inputs: invariants hold, results are as recorded, half of the calls succeed")
def _():
    with tempfile.TemporaryDirectory(prefix="antimono-table-") as scratch:
        table = f"{scratch}/table"
        done = run(PROGRAMS / "system_calls", "--recorded", RECORDED, SEEDS / "system_calls", table=table)
        expect(" differs from the recording " not in done.stdout, f"{done.stdout}If that is meant: ./antimono fuzz --record")
        expect(done.returncode == 0, done.stdout + failure(done))
        counts = read_table(pathlib.Path(table))
    expect_in(f"{len(list((SEEDS / 'system_calls').iterdir())) + 100} inputs", done.stderr, "output")
    entries = counts.pop(ENTRIES)
    expect(entries > 3000, f"only {entries} kernel entries")
    share = share_of_success(counts)
    expect(share >= 50, f"{share:.0f} % of {sum(counts.values())} calls")
    expect(len(counts) > 200, f"only {len(counts)} (call, result) pairs")


for trace_path in sorted((HERE / "traces").glob("*.trace")):
    add_trace(trace_path)
for each in TARGETS:
    if each != "system_calls":
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


@suite.case("antimono replay says what came of each step of a kept trace")
def _():
    path = sorted((HERE / "traces").glob("*.trace"))[0]
    done = run(paths.ROOT / "antimono", "replay", path)
    expect(done.returncode == 0, failure(done))
    expect_in("every invariant held after each of them", done.stdout, "output")
    expect_in("-> success", done.stdout, "output")


@suite.case("every kept trace does the same in QEMU as on the modelled machine")
def _():
    configuration = config.resolve(replay_machine.PRESET)
    for path in sorted((HERE / "traces").glob("*.trace")):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = replay_machine.run(path, configuration, None)
        expect(status == 0, f"{path.name}:\n{output.getvalue()[-3000:]}")
        expect_in(": the same\n", output.getvalue(), path.name)


@suite.case("a machine that does otherwise is noticed, with the step and the register")
def _():
    ours = replay_machine.Interface(replay_machine.MODELLED)
    step = {"kind": "step", "step": "Yield cap=0x0 info=0x0/0/0/0", "label": "InvalidInvocation", "result": "sent",
            "thread": 1}
    steps = [dict(step, registers=[0, 1] + [0] * 12), dict(step, registers=[0, 1] + [0] * 12)]
    end = {"kind": "end", "registers": [0, 1] + [0] * 12, "thread": 1}
    for records, expected in (({0: [0, 1] + [0] * 12, 1: [0, 1] + [0] * 11 + [7], 2: None},
                               "r15: 0x0 on the modelled machine, 0x7"),
                              ({0: [0, 1] + [0] * 12, 1: None, 2: None}, "emulated: nobody"),
                              ({0: [0, 1] + [0] * 12}, "the machine did not come so far")):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            differences = replay_machine.Comparison([], steps, end, records, ours, ours).show()
        expect_equal(differences, 1, "differences")
        expect_in("DIFFERENT before Yield", output.getvalue(), "output")
        expect_in(expected, output.getvalue(), "output")


@suite.case("what only the modelled machine can do is left out on both, and said")
def _():
    ours = replay_machine.Interface(replay_machine.MODELLED)
    theirs = replay_machine.Interface(config.ABI / "presets" / f"{replay_machine.PRESET}.json")
    adapted = replay_machine.adapt([
        "# comment", "Yield cap=0x0 info=0x0/0/0/0 preempt=0x3 by=60", "repeat", "interrupt 60", "interrupt 157",
        "exception 3 0x0", "exception 6 0x5", "write 0x400008 0x1", "read 0x8000000000000000",
        "BenchmarkResetLog cap=0x0 info=0x0/0/0/0", "Call cap=0xc info=TCBGetBreakpoint/0/0/1 words=0x1",
        "Call cap=0x18 info=DomainSetSet/0/1/1 words=0x3 caps=0xc",
        "Call cap=0x18 info=DomainSetSet/0/1/1 words=0x2 caps=0xc",
    ], ours, theirs)
    expect_equal(adapted.lines, ["Yield cap=0x0 info=0x0/0/0/0", "interrupt 157", "exception 6 0x0", "exception 6 0x0",
                                 "Call cap=0x18 info=DomainSetSet/0/1/1 words=0x2 caps=0xc"], "steps")
    expect_equal(sum(adapted.changes.values()), 10, "changes")


@suite.case("antimono replay --minimise refuses a trace that does not fail")
def _():
    done = run(paths.ROOT / "antimono", "replay", "--minimise", sorted((HERE / "traces").glob("*.trace"))[0])
    expect_equal(done.returncode, 1, "status")
    expect_in("does not fail: there is nothing to make shorter", done.stderr, "message")


@suite.case("every deliberate defect still fits the source, and says what shall catch it")
def _():
    patches = seeded.patches("")
    expect(len(patches) >= 10, f"only {len(patches)}")
    for patch in patches:
        re.compile(patch.field("Caught by"))
        conform_seeded.preset_of(patch)
        done = subprocess.run(["git", "apply", "--check", patch.path], cwd=paths.ROOT, capture_output=True, text=True,
                              check=False)
        expect(done.returncode == 0, f"{patch.name}: {done.stderr}")


@suite.case("mutants are made by each rule, in code only")
def _():
    source = """// if (a < b) { f(); }
int f(int a, int b) {
    if (a < b && !done(a, b)) {
        count += 1;
        return g(a, b);
    }
    while (a >= 2) {
        --a;
        break;
    }
    std::vector<int> other{a};
    static_assert(1 + 1 == 2);
    return true;
}
"""
    made = mutants.mutants_of("x.cpp", source)
    expect_equal({mutant.rule for mutant in made},
                 {"negated condition", "relation", "and/or", "dropped not", "swapped arguments", "dropped statement",
                  "off by one", "dropped jump", "other truth"}, "rules")
    changed = {mutant.apply(source) for mutant in made}
    for part in ("if (!(a < b && !done(a, b)))", "a <= b", "a < b ||", "&& done(a", "done(b, a)", "g(b, a)", "a >= 3",
                 "return false;"):
        expect(any(part in text for text in changed), f"no mutant has {part}")
    for text in changed:
        expect_in("static_assert(1 + 1 == 2);", text, "mutant")
        expect_in("// if (a < b) { f(); }", text, "mutant")
        expect_in("std::vector<int> other{a};", text, "mutant")


if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
