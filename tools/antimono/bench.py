# SPDX-License-Identifier: GPL-2.0-only
"""antimono bench: what the kernel's operations cost, beside seL4."""
import json
import pathlib

from antimono import (bench_boot, bench_costs, bench_growth, bench_hardening, bench_run, bench_virtual, build, config,
                      packages, paths)
from antimono.bench_run import MACHINES
from antimono.report import Failure, note, say
from antimono.process import run_logged

HELP = "count the instructions of each operation, and compare with seL4"
DESCRIPTION = """\
Boots user/bench in QEMU with virtual time tied to executed instructions, and prints for each row how many instructions
one operation takes, kernel and program together, beside what it takes on the seL4 kernel 16.0.0 (release build that prints,
same processor, same mitigations). Runs repeat to the digit. Writes build/bench/MACHINE.json and a bar chart, MACHINE.svg.
A count of instructions says nothing about cycles; docs/performance.md has more.
"""
EPILOG = """\
examples:
  ./antimono bench                                  the table
  ./antimono bench --machine direct                 on a processor that needs no page-table isolation
  ./antimono bench --kernel kernel-x86_64-pc99      a live run of another kernel beside ours: the same program on seL4
  ./antimono bench --costs                          serialising instructions and cache lines, ours/seL4's
  ./antimono bench --growth                         how cost grows with the number of capabilities, threads, levels, pages
  ./antimono bench --hardening                      what each kind of protection costs, row by row
  ./antimono bench --record                         these are the figures from now on that the tests compare with
  ./antimono bench --kernel FILE --record-sel4      the other kernel's figures are what seL4 takes

exit status: 0 if no row is more than 2 % above the last recorded run, 1 if one is;
with --costs, 0 if no row has more of anything than seL4, but for those that tests/bench/dearer.json allows;
with --growth, 0 if nothing grows that does not on seL4, nor much steeper
"""

CHART = paths.ROOT / "tools" / "bench" / "chart.py"
OUTPUT = paths.BUILD / "bench"
#: Debian's Python, which finds Debian's modules; the command itself may run in another one.
SYSTEM_PYTHON = "/usr/bin/python3"


def add_arguments(parser):
    parser.add_argument("--machine", choices=sorted(MACHINES), default="isolated",
                        help="isolated: Nehalem, with page-table isolation (default); direct: an Opteron, without")
    parser.add_argument("--kernel", metavar="FILE", help="measure this kernel, too, and show its figures beside ours")
    parser.add_argument("--costs", action="store_true",
                        help="instead, count serialising instructions and distinct cache lines per operation")
    parser.add_argument("--growth", action="store_true",
                        help="instead, measure with up to 100,000 capabilities, 4,096 threads, 59 levels: ours/seL4's")
    parser.add_argument("--hardening", action="store_true",
                        help="instead, measure kernels without libc++'s checks, zeroed variables and the frame's checks")
    parser.add_argument("--record", action="store_true",
                        help="keep our figures in tests/bench/recorded.json (growth.json with --growth; with --costs, "
                             "strike off dearer.json what is no longer above seL4's)")
    parser.add_argument("--record-sel4", action="store_true", help="keep --kernel's figures as those of seL4")
    parser.add_argument("--no-chart", action="store_true", help="leave the SVG out (it needs Debian's python3-matplotlib)")


def run(options):
    if options.kernel and not pathlib.Path(options.kernel).is_file():
        raise Failure(f"--kernel {options.kernel}: no such file.")
    if options.record_sel4 and not options.kernel:
        raise Failure("--record-sel4 needs --kernel FILE, the seL4 kernel to measure.")
    packages.ensure("build", "run", *([] if options.no_chart else ["chart"]))
    machine = MACHINES[options.machine]
    configuration = config.resolve(bench_run.PRESET)
    if options.growth:
        return run_growth(options, configuration, machine)
    build.build(configuration, ("all", "bench"))
    image = configuration.images / bench_run.PROGRAM
    note(f"antimono: measuring {paths.shown(configuration.kernel)} on {machine.title}")
    if options.costs:
        return run_costs(options, configuration.kernel, image, machine)
    if options.hardening:
        results = bench_hardening.measure(configuration.kernel, image, machine)
        bench_hardening.show(results)
        bench_hardening.write_results(machine, results)
        return 0
    ours = measured(configuration.kernel, image, machine, own=True)
    record = bench_run.load(bench_run.OWN_RECORD)
    recorded = bench_run.rows_of(record, machine)
    live = {}
    if options.kernel:
        note(f"antimono: measuring {paths.shown(options.kernel)}")
        live = measured(pathlib.Path(options.kernel), image, machine, own=False)
    if options.record_sel4:
        bench_run.store(bench_run.SEL4_RECORD, machine, live, text=bench_run.text_bytes(pathlib.Path(options.kernel)))
    sel4 = bench_run.rows_of(bench_run.load(bench_run.SEL4_RECORD), machine)
    slower = show(ours, sel4, live, recorded)
    on_processor = run_on_processor(options, configuration.kernel, image)
    text, sel4_text = bench_run.text_bytes(configuration.kernel), bench_run.load(bench_run.SEL4_RECORD).get(
        machine.name, {}).get("text")
    grown = bench_run.text_regression(text, record, machine)
    say(f"Kernel text: {text} bytes, seL4's {sel4_text or 'not recorded'}" + (f"  LARGER: {grown}" if grown else ""))
    write_results(machine, ours, sel4, text, on_processor, not options.no_chart)
    if options.record:
        bench_run.store(bench_run.OWN_RECORD, machine, ours, text=text)
        note(f"antimono: recorded in {paths.shown(bench_run.OWN_RECORD)}")
        return 0
    return 1 if slower or grown else 0


def measured(kernel, image, machine, own):
    """Row -> instructions: of an operation, and of booting."""
    return bench_run.measure(kernel, image, machine, own) | bench_boot.measure(kernel, image, machine, own)


def run_on_processor(options, kernel, image):
    """Ticks and nanoseconds, where this machine offers virtualisation; empty where it does not, with a word why."""
    reason = bench_virtual.why_not()
    if reason:
        note(f"antimono: {reason}")
        return {}
    try:
        ours = bench_virtual.measure(kernel, image, own=True)
        bench_virtual.show(ours, bench_virtual.measure(pathlib.Path(options.kernel), image, own=False) if options.kernel else {})
    except Failure as failure:
        note(f"antimono: no cycles and no times: {failure}")
        return {}
    return ours


def run_costs(options, kernel, image, machine):
    """`--costs`: beside the recorded figures of seL4, or another kernel's."""
    ours = bench_costs.measure(kernel, image, machine, own=True)
    sel4 = bench_costs.of_record(bench_costs.SEL4_RECORD, machine)
    if options.kernel:
        note(f"antimono: measuring {paths.shown(options.kernel)}")
        live = bench_costs.measure(pathlib.Path(options.kernel), image, machine, own=False)
        if not options.record_sel4:
            bench_costs.show(ours, live)
            return 0
        bench_run.store(bench_costs.SEL4_RECORD, machine, live)
        note(f"antimono: recorded in {paths.shown(bench_costs.SEL4_RECORD)}")
        sel4 = live
    if options.record:
        bench_costs.record_known(machine, ours, sel4)
    return 1 if bench_costs.show(ours, sel4, bench_costs.of_record(bench_costs.KNOWN, machine)) else 0


def run_growth(options, configuration, machine):
    """`--growth`: a table for each kind of thing that there can be much of."""
    build.build(configuration, ("all", bench_growth.PROGRAM))
    image = configuration.images / bench_growth.PROGRAM
    note(f"antimono: measuring {paths.shown(configuration.kernel)} on {machine.title}")
    ours = bench_growth.measure(configuration.kernel, image, machine, own=True)
    sel4 = bench_growth.of_record(bench_growth.SEL4_RECORD, machine)
    if options.kernel:
        note(f"antimono: measuring {paths.shown(options.kernel)}")
        sel4 = bench_growth.measure(pathlib.Path(options.kernel), image, machine, own=False)
        if options.record_sel4:
            bench_growth.store(bench_growth.SEL4_RECORD, machine, sel4)
    bad = bench_growth.show(ours, sel4)
    bench_growth.write_results(machine, ours, sel4, not options.no_chart, SYSTEM_PYTHON)
    if options.record:
        bench_growth.store(bench_growth.OWN_RECORD, machine, ours)
        note(f"antimono: recorded in {paths.shown(bench_growth.OWN_RECORD)}")
    return 1 if bad else 0


def show(ours, sel4, live, recorded):
    """Prints the table; returns how many rows got slower than recorded."""
    width = max(map(len, ours))
    head = f"{'operation':<{width}}  {'ours':>8}  {'seL4':>8}  {'ratio':>5}"
    if live:
        head += f"  {'beside':>8}  {'ratio':>5}"
    say(head)
    slower = 0
    for row, figure in ours.items():
        line = f"{row:<{width}}  {figure:>8.1f}  {beside(figure, sel4.get(row))}"
        if live:
            line += f"  {beside(figure, live.get(row))}"
        problem = bench_run.regression(row, figure, recorded) if recorded else None
        if problem:
            slower += 1
            line += f"  SLOWER: {problem}"
        say(line)
    say()
    if sel4:
        shared = [row for row in ours if row in sel4]
        above = [row for row in shared if ours[row] > sel4[row]]
        say(f"{len(shared)} rows: {sum(ours[row] <= 0.8 * sel4[row] for row in shared)} at most 0.8 of seL4's, "
            f"{len(above)} above seL4's")
    return slower


def beside(figure, other):
    return f"{other:>8.1f}  {figure / other:>5.2f}" if other else f"{'-':>8}  {'-':>5}"


def write_results(machine, ours, sel4, text, on_processor, chart):
    """JSON and chart of this run."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    result = OUTPUT / f"{machine.name}.json"
    result.write_text(json.dumps({"machine": machine.name, "title": machine.title, "processor": machine.cpu,
                                  "text": text, "rows": ours, "sel4": sel4,
                                  "ticks and ns on this machine's processor": on_processor}, indent=1) + "\n", encoding="utf-8")
    if chart:
        picture = result.with_suffix(".svg")
        run_logged([SYSTEM_PYTHON, CHART, result, picture], "draw the chart", "bench-chart")
        note(f"antimono: {paths.shown(result)}, {paths.shown(picture)}")
