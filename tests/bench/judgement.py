# SPDX-License-Identifier: GPL-2.0-only
"""The judgement on figures itself, with figures made up: what counts as dearer than seL4."""
import contextlib
import io

from antimono import bench_costs, bench_growth, bench_hardening
from antimono.suite import expect, expect_equal, expect_in

SEL4 = {"Poll": dict.fromkeys(bench_costs.COLUMNS, 2.0)}


def costs(**changed):
    return {**SEL4["Poll"], **changed}


def judged(known, **changed):
    return bench_costs.problem("Poll", costs(**changed), SEL4, {"Poll": known} if known else {})


def known(column, ours, reason="it is so"):
    return {column: {"ours": ours, "reason": reason}}


def add_to(suite):
    @suite.case("judgement of costs: as many as seL4, or fewer, is right")
    def _():
        expect_equal(judged({}), [], "as many")
        expect_equal(judged({}, cr3=0.0, data_lines=1.99), [], "fewer")

    for column, head in bench_costs.COLUMNS.items():
        @suite.case(f"judgement of costs: {head}: more than seL4 is wrong, and right if the list allows as many")
        def _(column=column, head=head):
            expect_equal(judged({}, **{column: 2.01}), [f"{head}: 2.01, seL4 2"], "not in the list")
            expect_equal(judged(known(column, 3.0), **{column: 3.0}), [], "in the list")
            expect_in("and dearer.json allows 3", "".join(judged(known(column, 3.0), **{column: 3.01})), "more than the list")

    @suite.case("judgement of costs: what the list allows in one column, it does not in another")
    def _():
        expect_equal(judged(known("code_lines", 3.0), code_lines=3.0, data_lines=3.0), ["data lines: 3, seL4 2"], "found")

    @suite.case("judgement of costs: the list holds nothing that is no longer so, that has no reason, that is no column")
    def _():
        expect_in("strike it off", "".join(judged(known("data_lines", 3.0))), "no longer above")
        expect_in("gives no reason", "".join(judged(known("data_lines", 3.0, ""), data_lines=3.0)), "no reason")
        expect_in("names 'lines'", "".join(judged(known("lines", 3.0))), "no column")

    @suite.case("judgement of costs: a row that was not measured on seL4 is wrong")
    def _():
        expect_in("was not measured on seL4", "".join(bench_costs.problem("Yield", costs(), SEL4, {})), "found")

    @suite.case("costs: --record strikes rows off the list and updates the others, and never adds one")
    def _():
        listed = {"Poll": {**known("code_lines", 9.0), **known("data_lines", 3.0)}, "gone": known("iret", 1.0)}
        expect_equal(bench_costs.still_known({"Poll": costs(code_lines=4.0, iret=5.0)}, SEL4, listed),
                     {"Poll": known("code_lines", 4.0)}, "the list")

    @suite.case("costs: the table names rows above seL4's, and says whether they are known")
    def _():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            bad = bench_costs.show({"Poll": costs(code_lines=3.0)}, SEL4, {})
            good = bench_costs.show({"Poll": costs(code_lines=3.0)}, SEL4, {"Poll": known("code_lines", 3.0)})
        expect_equal((bad, good), (1, 0), "rows with a problem")
        expect_in("WRONG: code lines: 3, seL4 2", printed.getvalue(), "table without a list")
        expect_in("more, as known: code lines", printed.getvalue(), "table with the list")

    @suite.case("hardening: the command says what each kind costs, in each row and as a geometric mean")
    def _():
        bare = ({"Poll": 100.0, "Yield": 50.0}, 1000)
        results = {None: ({"Poll": 200.0, "Yield": 50.0}, 1250)} | dict.fromkeys(bench_hardening.KINDS, bare)
        expect_equal({round(mean, 4) for mean in bench_hardening.means(results).values()}, {1.4142}, "means")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            bench_hardening.show(results)
        lines = {line.split()[0]: line.split()[-8:] for line in printed.getvalue().splitlines() if line}
        expect_equal(lines["Poll"], ["100.0", "%"] * 4, "Poll")
        expect_equal(lines["cost"], ["41.4", "%"] * 4, "the mean")
        expect_equal(lines["kernel"], ["25.0", "%"] * 4, "the kernel's text")


def add_growth_to(suite):
    flat = {1: 100.0, 64: 104.0, 4096: 105.0}
    linear = {1: 100.0, 64: 1000.0, 4096: 50000.0}

    def judged(what, ours, sel4, wrong):
        found = bench_growth.problem(ours, sel4)
        expect(wrong in found if wrong and found else found == wrong, f"{what}: {found!r}, expected {wrong!r}")

    @suite.case("judgement of growth: what does not grow is right, whatever seL4's does")
    def _():
        judged("flat on both", flat, flat, None)
        judged("flat on ours", flat, linear, None)
        judged("falling", {1: 300.0, 64: 200.0, 4096: 195.0}, flat, None)

    @suite.case("judgement of growth: what grows on ours only is wrong, be it at the end, in between, or after it fell")
    def _():
        judged("linear", linear, flat, "seL4's does not")
        judged("a little over the tolerance", {**flat, 4096: 105.1}, flat, "grows from 100 to 105.1 at 4096")
        judged("in between", {**flat, 64: 120.0}, flat, "grows from 100 to 120 at 64")
        judged("after it fell", {1: 300.0, 64: 200.0, 4096: 290.0}, flat, "grows from 200 to 290 at 4096")
        judged("much longer on seL4", linear, dict.fromkeys(linear, 60000.0), "seL4's does not")

    @suite.case("judgement of growth: what grows on both may rise by a tenth more instructions, at each size")
    def _():
        judged("as much", linear, linear, None)
        judged("from a smaller first point", {1: 10.0, 64: 910.0, 4096: 49910.0}, linear, None)
        judged("just not too much", {**linear, 4096: 54990.0}, linear, None)
        judged("too much at the end", {**linear, 4096: 55000.0}, linear, "at 4096, seL4's by 49900")
        judged("too much in between", {**linear, 64: 1100.0}, linear, "rises by 1000 to 1100 at 64")
        judged("a step to less than seL4's", {1: 100.0, 64: 900.0, 4096: 9000.0}, {1: 500.0, 64: 1000.0, 4096: 10000.0}, None)
        judged("a step to more than seL4's", {1: 100.0, 64: 1001.0, 4096: 9000.0}, {1: 500.0, 64: 1000.0, 4096: 10000.0},
               "rises by 901 to 1001 at 64, seL4's by 500")
        judged("too much at the end, and yet less than seL4's", {1: 100.0, 64: 200.0, 4096: 9000.0},
               {1: 5000.0, 64: 6000.0, 4096: 10000.0}, "rises by 8900 to 9000 at 4096, seL4's by 5000")

    @suite.case("judgement of growth: a size that was not measured on seL4 is wrong, the smallest or any other")
    def _():
        for size in linear:
            sel4 = {other: figure for other, figure in linear.items() if other != size}
            judged(f"without {size}", flat, sel4, f"was not measured on seL4 at {size}")
        judged("nothing measured", flat, {}, "was not measured on seL4 at 1, 64, 4096")
        judged("more measured", {1: 100.0}, linear, None)
