# SPDX-License-Identifier: GPL-2.0-only
"""How cost grows: user/growth measures operations with more and more capabilities, threads, levels, pages and address spaces.
A curve is one operation; its points are instructions per operation at a size."""
import json
import re

from antimono import bench_run, paths
from antimono.process import run_logged
from antimono.report import note, say

PROGRAM = "growth"
DONE = "growth: all measured"
SEL4_RECORD = bench_run.SEL4_RECORD.with_name("growth.json")
OWN_RECORD = bench_run.OWN_RECORD.with_name("growth.json")
CHART = paths.ROOT / "tools" / "bench" / "growth_chart.py"

POINT = re.compile(r"^point ([^:]+): (.+) at (\d+): (\d+) ticks, (\d+) operations$", re.MULTILINE)

#: A curve whose last point is within this factor of its first does not grow.
FLAT = 1.05
#: How much steeper than seL4's a curve may be that grows on seL4, too.
STEEPER = 1.25


def measure(kernel, image, machine, own):
    """Kind -> curve -> {size: instructions per operation}, sizes ascending."""
    curves = {}
    for kind, curve, size, ticks, operations in POINT.findall(bench_run.boot(kernel, image, machine, own, done=DONE)):
        curves.setdefault(kind, {}).setdefault(curve, {})[int(size)] = round(int(ticks) / int(operations), 1)
    return {kind: {curve: dict(sorted(points.items())) for curve, points in group.items()}
            for kind, group in curves.items()}


def of_record(path, machine):
    """A record's curves, as `measure` returns them; empty if there is none."""
    curves = bench_run.load(path).get(machine.name, {}).get("curves", {})
    return {kind: {curve: {int(size): figure for size, figure in points.items()} for curve, points in group.items()}
            for kind, group in curves.items()}


def store(path, machine, curves):
    """Replaces one machine's part of a record."""
    bench_run.store_part(path, machine, {"curves": curves})


def factor(points):
    """By how much the dearest size is above the smallest."""
    first = points[min(points)]
    return max(points.values()) / first


def problem(ours, sel4):
    """A sentence if a curve grows that does not on seL4, or grows steeper; None if not."""
    if factor(ours) <= FLAT:
        return None
    size, first = max(ours, key=ours.get), min(ours)
    grown = f"from {ours[first]:g} at {first} to {ours[size]:g} at {size}"
    if not sel4 or size not in sel4:
        return f"grows {grown}, and was not measured on seL4: ./antimono bench --growth --kernel FILE --record-sel4"
    rise, sel4_rise = ours[size] - ours[first], max(sel4.values()) - sel4[first]
    if factor(sel4) <= FLAT:
        return f"grows {grown}, seL4's does not: {sel4[first]:g} to {max(sel4.values()):g}"
    if rise > STEEPER * sel4_rise and factor(ours) > STEEPER * factor(sel4):
        return f"grows {grown}, {rise / sel4_rise:.2f} times as steep as seL4's, {sel4[first]:g} to {sel4[size]:g}"
    return None


def show(ours, sel4):
    """Prints a table for each kind, ours/seL4's at each size; returns how many curves grow as they should not."""
    bad = total = 0
    for kind, curves in ours.items():
        sizes = sorted({size for points in curves.values() for size in points})
        width = max(map(len, curves))
        say(f"{kind:<{width}}  " + "  ".join(f"{size:>13}" for size in sizes))
        for curve, points in curves.items():
            other = sel4.get(kind, {}).get(curve, {})
            cells = [f"{points[size]:.0f}/{other[size]:.0f}" if size in other else f"{points[size]:.0f}"
                     if size in points else "" for size in sizes]
            reason = problem(points, other)
            bad, total = bad + bool(reason), total + 1
            say(f"{curve:<{width}}  " + "  ".join(f"{cell:>13}" for cell in cells) + (f"  GROWS: {reason}" if reason else ""))
        say()
    flat = sum(factor(points) <= FLAT for curves in ours.values() for points in curves.values())
    say(f"{total} curves, {flat} of them flat: {bad} grow and do not on seL4, or are more than {STEEPER} times as steep")
    return bad


def write_results(machine, ours, sel4, chart, python):
    """JSON and charts of this run."""
    directory = paths.BUILD / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    result = directory / f"growth-{machine.name}.json"
    result.write_text(json.dumps({"machine": machine.name, "title": machine.title, "processor": machine.cpu,
                                  "ours": ours, "sel4": sel4}, indent=1) + "\n", encoding="utf-8")
    if chart:
        run_logged([python, CHART, result, result.with_suffix("")], "draw the charts", "growth-chart")
    note(f"antimono: {paths.shown(result)}" + (f", and a chart for each kind beside it" if chart else ""))
