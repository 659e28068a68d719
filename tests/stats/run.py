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
CONFIGURATION = "release-printing-stats"
EXPECT = re.compile(r"^expect (\w+): (\w+): (\d+)$", re.MULTILINE)
ENTRY = re.compile(r"^\s*(\w+)(?: = \d+)?,\s*///< (.+)$", re.MULTILINE)


@once
def counted():
    """({(path, reason): times}, what the program says it did)."""
    configuration = config.resolve(CONFIGURATION)
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


@suite.case("every way that the program takes is counted, as often as it takes it")
def _():
    found, text = counted()
    expected = {(path, name): int(times) for path, name, times in EXPECT.findall(text)}
    expect(len(expected) >= 14, f"the program expects only {len(expected)} counts")
    wrong = [f"{path}, {reasons()[f'{path}_{name}']!r}: {found.get((path, reasons()[f'{path}_{name}']), 0)}, not {times}"
             for (path, name), times in expected.items()
             if found.get((path, reasons()[f"{path}_{name}"]), 0) != times]
    if wrong:
        fail("; ".join(wrong))


@suite.case("nothing is counted that the program did not do, but for invocations")
def _():
    found, text = counted()
    expected = {(path, reasons()[f"{path}_{name}"]) for path, name, _ in EXPECT.findall(text)}
    more = [f"{path}: {reason}: {times}" for (path, reason), times in found.items() if (path, reason) not in expected]
    expect(all(line.startswith("call: not an endpoint") for line in more), "; ".join(more))


@suite.case("the table says totals, shares and reasons")
def _():
    table = {path: [] for path in stats.PATHS}
    table["call"] = [(True, "fast", 3), (False, "no receiver waits", 1)]
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        stats.show(table)
    expect_in("75.0% fast", printed.getvalue(), "the line of the path")
    expect(re.search(r"no receiver waits +1$", printed.getvalue(), re.MULTILINE) is not None, "no line for the reason")


@suite.case("--stats with another kernel is refused")
def _():
    answer = subprocess.run([paths.ROOT / "antimono", "run", "--stats", "--kernel", "/bin/true"], capture_output=True, text=True,
                            check=False)
    expect(answer.returncode != 0, "it was not refused")
    expect_in("--stats needs a kernel with marks", answer.stderr, "what it says")


if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
