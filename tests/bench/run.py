# SPDX-License-Identifier: GPL-2.0-only
"""No operation takes more instructions than when it was last recorded (`./antimono bench --record`), on a processor that
needs page-table isolation and on one that does not. Virtual time is tied to executed instructions, so figures repeat.
"""
import sys

from antimono import bench_run, config
from antimono.suite import Suite, expect, once

suite = Suite()


@once
def measured(machine):
    configuration = config.resolve(bench_run.PRESET)
    return bench_run.measure(configuration.kernel, configuration.images / bench_run.PROGRAM, bench_run.MACHINES[machine],
                             own=True)


def recorded(machine):
    return bench_run.rows_of(bench_run.load(bench_run.OWN_RECORD), bench_run.MACHINES[machine])


def check_row(machine, row):
    found = measured(machine)
    expect(row in found, "was not measured")
    problem = bench_run.regression(row, found[row], recorded(machine))
    expect(problem is None, problem)


for name in bench_run.MACHINES:
    @suite.case(f"{name}: every row is recorded, and measured on seL4")
    def _(name=name):
        sel4 = bench_run.rows_of(bench_run.load(bench_run.SEL4_RECORD), bench_run.MACHINES[name])
        for row in measured(name):
            expect(row in recorded(name), f"{row!r} is not in {bench_run.OWN_RECORD.name}: ./antimono bench --record")
            expect(row in sel4, f"{row!r} is not in {bench_run.SEL4_RECORD.name}: --kernel FILE --record-sel4")

    for operation in recorded(name):
        suite.add(f"{name}: {operation}", lambda name=name, row=operation: check_row(name, row))

if __name__ == "__main__":
    # One after the other: the first case of each machine measures for all.
    sys.exit(suite.main(jobs=1))
