# SPDX-License-Identifier: GPL-2.0-only
"""`antimono run --stats`: user/paths takes each way through the kernel a known number of times; the counts are exactly those.
What the program's runtime does on its own is invocations of other objects only.
"""
import contextlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile

from antimono import config, paths, qemu, stats
from antimono.suite import Suite, expect, expect_equal, expect_in, fail, once

suite = Suite()
#: One domain, and several: only there can the other thread be in another one.
CONFIGURATIONS = "release-printing-stats", "sim-domains-stats"
EXPECT = re.compile(r"^expect (\w+): (\w+): (\d+)$", re.MULTILINE)
ENTRY = re.compile(r"^\s*(\w+)(?: = \d+)?,\s*///< (.+)$", re.MULTILINE)


@once
def counted(name):
    """({(path, reason): times}, what the program says it did)."""
    configuration = config.resolve(name)
    with tempfile.TemporaryDirectory(prefix="antimono-stats-") as scratch:
        result = pathlib.Path(scratch) / "counts"
        outcome = qemu.run(qemu.Machine(kernel=configuration.kernel, modules=(configuration.images / "paths",),
                                        arguments=qemu.KERNEL_ARGUMENTS, cpu=qemu.cpu_for(configuration.symbols()),
                                        extra=stats.qemu_arguments(result)), timeout=50, sink=lambda text: None)
        text = outcome.output.decode(errors="replace")
        expect_equal((outcome.kind, outcome.status), ("exited", 0), f"the end of the run, after\n{text}")
        table = stats.counts(result)
    return {(path, reason): times for path, lines in table.items() for _, reason, times in lines}, text


def reasons():
    """Name in the kernel's list -> what people see."""
    return dict(ENTRY.findall(stats.MARKS.read_text(encoding="utf-8")))


for configuration_name in CONFIGURATIONS:
    @suite.case(f"{configuration_name}: every way that the program takes is counted, as often as it takes it")
    def _(name=configuration_name):
        found, text = counted(name)
        expected = {(path, reason): int(times) for path, reason, times in EXPECT.findall(text)}
        wrong = [f"{path}, {reasons()[f'{path}_{reason}']!r}: {found.get((path, reasons()[f'{path}_{reason}']), 0)}, not {times}"
                 for (path, reason), times in expected.items()
                 if found.get((path, reasons()[f"{path}_{reason}"]), 0) != times]
        if wrong:
            fail("; ".join(wrong))

    @suite.case(f"{configuration_name}: nothing is counted that the program did not do, but for invocations")
    def _(name=configuration_name):
        found, text = counted(name)
        expected = {(path, reasons()[f"{path}_{reason}"]) for path, reason, _ in EXPECT.findall(text)}
        more = [f"{path}: {reason}: {times}" for (path, reason), times in found.items() if (path, reason) not in expected]
        expect(len(more) == 1 and more[0].startswith("call: not an endpoint"), "; ".join(more) or "no invocations")


@suite.case("every way of the kernel's list is taken, but those for no known reason")
def _():
    taken = {f"{path}_{reason}" for name in CONFIGURATIONS for path, reason, _ in EXPECT.findall(counted(name)[1])}
    expect_equal({name for name in reasons() if name not in taken and not name.endswith("_unexplained")},
                 {"call_not_endpoint"}, "ways that user/paths does not count")


@suite.case("the table says totals, shares and reasons")
def _():
    table = {path: [] for path in stats.PATHS}
    table["call"] = [("slow", "no receiver waits", 1), ("other", "an invocation", 50), ("fast", "fast", 3)]
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        stats.show(table)
    lines = [line.split() for line in printed.getvalue().splitlines()]
    expect_equal(lines[1][-3:], ["4", "75.0%", "fast"], "the line of the path, without the invocations")
    expect_equal([line[0] for line in lines[2:5]], ["fast", "no", "an"], "the order of its lines")
    expect_equal(lines[4][2:], "50 not in the sum".split(), "what has no fast way")


@suite.case("--stats with another kernel is refused")
def _():
    answer = subprocess.run([paths.ROOT / "antimono", "run", "--stats", "--kernel", "/bin/true"], capture_output=True, text=True,
                            check=False)
    expect(answer.returncode != 0, "it was not refused")
    expect_in("--stats needs a kernel with marks", answer.stderr, "what it says")


if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
