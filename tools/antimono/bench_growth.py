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

#: A curve grows if one of its points is above this times a point of a smaller size.
FLAT = 1.05
#: By how many times seL4's instructions ours may rise where seL4's rise, too, beside what a curve that does not grow may.
STEEPER = 1.10


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


def least_before(points):
    """Size -> the least of the points up to there. From it a curve rises: what falls at first, as fixed costs are shared by
    more and more, may not hide what grows later."""
    least, result = float("inf"), {}
    for size in sorted(points):
        least = result[size] = min(least, points[size])
    return result


def grows(points):
    return any(points[size] > FLAT * least for size, least in least_before(points).items())


def problem(ours, sel4):
    """A sentence if a curve grows that does not on seL4, or rises more at any size; None if not.

    It rises more if points[size] - least_before(points)[size], in instructions, is above STEEPER times what it is on seL4, by
    more than a curve may vary that does not grow. Instructions, not factors: a shorter operation has no right to a smaller
    rise, nor a longer one to a larger. At a size that is not the largest, a step may be higher if it leads to no more than
    seL4 takes there: a short way for the smallest size is no growth.
    """
    missing = sorted(set(ours) - set(sel4))
    if missing:
        return (f"was not measured on seL4 at {', '.join(map(str, missing))}: "
                "./antimono bench --growth --kernel FILE --record-sel4")
    if not grows(ours):
        return None
    least, sel4 = least_before(ours), {size: sel4[size] for size in ours}
    size = max(ours, key=lambda at: ours[at] / least[at])
    if not grows(sel4):
        return f"grows from {least[size]:g} to {ours[size]:g} at {size}, seL4's does not: {min(sel4.values()):g} to " \
               f"{max(sel4.values()):g}"
    sel4_least = least_before(sel4)
    for size in sorted(ours):
        rise, sel4_rise = ours[size] - least[size], sel4[size] - sel4_least[size]
        if size != max(ours) and ours[size] <= sel4[size]:
            continue
        if rise > STEEPER * sel4_rise + (FLAT - 1) * least[size]:
            return f"rises by {rise:g} to {ours[size]:g} at {size}, seL4's by {sel4_rise:g} to {sel4[size]:g}"
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
    flat = sum(not grows(points) for curves in ours.values() for points in curves.values())
    say(f"{total} curves, {flat} of them flat: {bad} grow and do not on seL4, or rise more than {STEEPER} times as much")
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
