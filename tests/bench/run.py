# SPDX-License-Identifier: GPL-2.0-only
"""No operation takes more instructions than when it was last recorded (`./antimono bench --record`), on a processor that
needs page-table isolation and on one that does not. Virtual time is tied to executed instructions, so figures repeat.
No operation takes more serialising instructions or cache lines than on seL4, but for those that dearer.json lists with a reason.
And no operation gets dearer with the number of capabilities, threads, levels, pages or address spaces if it does not on seL4.
"""
import contextlib
import io
import pathlib
import sys

import judgement
from antimono import bench_boot, bench_costs, bench_growth, bench_run, bench_virtual, config, qemu
from antimono.suite import Suite, expect, expect_equal, expect_in, once

suite = Suite()


def run_of(machine):
    configuration = config.resolve(bench_run.PRESET)
    return configuration.kernel, configuration.images / bench_run.PROGRAM, bench_run.MACHINES[machine], True


@once
def printed(machine):
    return bench_run.boot(*run_of(machine))


@once
def measured(machine):
    return bench_run.rows_in(printed(machine)) | bench_boot.measure(*run_of(machine))


def recorded(machine):
    return bench_run.rows_of(bench_run.load(bench_run.OWN_RECORD), bench_run.MACHINES[machine])


def check_row(machine, row):
    found = measured(machine)
    expect(row in found, "was not measured")
    problem = bench_run.regression(row, found[row], recorded(machine))
    expect(problem is None, problem)


@once
def costs(machine):
    return bench_costs.measure(*run_of(machine))


def check_costs(machine, row):
    sel4, known = (bench_costs.of_record(path, bench_run.MACHINES[machine])
                   for path in (bench_costs.SEL4_RECORD, bench_costs.KNOWN))
    expect(row in costs(machine), "was not measured")
    found = bench_costs.problem(row, costs(machine)[row], sel4, known)
    expect(not found, "; ".join(found))


judgement.add_to(suite)
judgement.add_growth_to(suite)

for name in bench_run.MACHINES:
    @suite.case(f"{name}: costs: every row was measured on seL4")
    def _(name=name):
        sel4 = bench_costs.of_record(bench_costs.SEL4_RECORD, bench_run.MACHINES[name])
        for row in costs(name):
            expect(row in sel4, f"{row!r} is not in {bench_costs.SEL4_RECORD.name}: --costs --kernel FILE --record-sel4")

    for operation in bench_costs.of_record(bench_costs.SEL4_RECORD, bench_run.MACHINES[name]):
        suite.add(f"{name}: costs: {operation}", lambda name=name, row=operation: check_costs(name, row))

    @suite.case(f"{name}: every row is recorded, and measured on seL4")
    def _(name=name):
        sel4 = bench_run.rows_of(bench_run.load(bench_run.SEL4_RECORD), bench_run.MACHINES[name])
        for row in measured(name):
            expect(row in recorded(name), f"{row!r} is not in {bench_run.OWN_RECORD.name}: ./antimono bench --record")
            expect(row in sel4, f"{row!r} is not in {bench_run.SEL4_RECORD.name}: --kernel FILE --record-sel4")

    @suite.case(f"{name}: the kernel's text")
    def _(name=name):
        text = bench_run.text_bytes(config.resolve(bench_run.PRESET).kernel)
        problem = bench_run.text_regression(text, bench_run.load(bench_run.OWN_RECORD), bench_run.MACHINES[name])
        expect(problem is None, problem)

    for operation in recorded(name):
        suite.add(f"{name}: {operation}", lambda name=name, row=operation: check_row(name, row))


@suite.case("figures of a real processor: what the program prints becomes ticks and nanoseconds, beside another kernel's")
def _():
    found = bench_virtual.read("clock 2500 MHz\nrow Yield: 1000 ticks, 4 operations\nrow Signal: 90 ticks, 1 operations\n")
    expect_equal(found, {"Yield": (250.0, 100.0), "Signal": (90.0, 36.0)}, "figures")
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        bench_virtual.show(found, {"Yield": (500.0, 200.0)})
    lines = [line.split() for line in shown.getvalue().splitlines()]
    expect_in(["Yield", "250.0", "100.0", "500.0", "200.0"], lines, "table")
    expect_in(["Signal", "90.0", "36.0"], lines, "table")


@suite.case("figures of a real processor: QEMU runs it with KVM, or the command says what is missing")
def _():
    line = qemu.Machine(kernel=pathlib.Path("kernel"), cpu="host", accelerator="kvm").command("scratch")
    expect_equal(line[line.index("-accel") + 1], "kvm", "accelerator")
    expect_in("no-such-device is not there", bench_virtual.why_not(pathlib.Path("no-such-device")), "reason")


@suite.case("figures of a real processor: the program prints the clock's frequency")
def _():
    expect(bench_virtual.read(printed("isolated"))["Yield to self"][1] > 0, "no time")


@once
def grown(machine):
    configuration = config.resolve(bench_run.PRESET)
    return bench_growth.measure(configuration.kernel, configuration.images / bench_growth.PROGRAM,
                                bench_run.MACHINES[machine], own=True)


def sel4_curves(machine):
    return bench_growth.of_record(bench_growth.SEL4_RECORD, bench_run.MACHINES[machine])


def check_growth(machine, kind, curve, sel4):
    expect(curve in grown(machine).get(kind, {}), "was not measured")
    problem = bench_growth.problem(grown(machine)[kind][curve], sel4)
    expect(problem is None, problem)


for name in bench_run.MACHINES:
    @suite.case(f"{name}: growth: every curve was measured on seL4")
    def _(name=name):
        for kind, curves in grown(name).items():
            for curve in curves:
                expect(curve in sel4_curves(name).get(kind, {}), f"{kind}: {curve!r} is not in "
                       f"{bench_growth.SEL4_RECORD.name}: ./antimono bench --growth --kernel FILE --record-sel4")

    for group, operations in sel4_curves(name).items():
        for operation, points in operations.items():
            suite.add(f"{name}: growth: {group}: {operation}",
                      lambda name=name, kind=group, curve=operation, sel4=points: check_growth(name, kind, curve, sel4))

if __name__ == "__main__":
    # One after the other: the first case of each machine measures for all.
    sys.exit(suite.main(jobs=1))
