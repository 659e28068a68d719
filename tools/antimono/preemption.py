# SPDX-License-Identifier: GPL-2.0-only
"""antimono preemption: how long the kernel works without letting an interrupt in."""
import json
import pathlib
import re

from antimono import build, config, packages, paths, preemption_count
from antimono.report import Failure, note, say

HELP = "count the instructions that the kernel runs between two preemption points"
DESCRIPTION = """\
Boots user/preemption, which makes the kernel work for long in every way that a program can, and counts the kernel's
instructions with a plugin in QEMU. Prints, for each scenario, the longest run between two points at which an interrupt
can be noticed (kernel entry, preemption points, exit), where it was spent, and its bound. docs/preemption.md says more.
"""
EPILOG = """\
examples:
  ./antimono preemption                              the table
  ./antimono preemption --retype-bits 30 --memory 3G with 1 GiB to be cleared
  ./antimono preemption --beside kernel-x86_64-pc99  another kernel's figures beside ours, seL4's for instance
  ./antimono preemption --latency                    how late a thread of the highest priority hears of interrupts
  ./antimono preemption --image hostile              the longest run of a whole other program
  ./antimono preemption --where                      what the longest runs are made of

exit status: 0 if every run is within its bound, 1 if not
"""

BOUNDS = paths.ROOT / "tools" / "preemption" / "bounds.json"


def add_arguments(parser):
    config.add_arguments(parser, default=preemption_count.PRESET, default_text=preemption_count.PRESET)
    parser.add_argument("--image", metavar="IMAGE", help="measure the whole of this program instead of the scenarios")
    parser.add_argument("--memory", default="512M", metavar="SIZE", help="RAM, as 512M or 3G (default: 512M)")
    parser.add_argument("--retype-bits", type=int, default=26, metavar="N",
                        help="log2 of the memory that the large retype clears (default: 26, which is 64 MiB)")
    parser.add_argument("--beside", metavar="KERNEL", help="measure this kernel, too, and show its figures beside ours")
    parser.add_argument("--latency", action="store_true", help="measure what a thread that waits for interrupts sees")
    parser.add_argument("--where", action="store_true", help="show what the longest runs are made of")


def run(options):
    if not 20 <= options.retype_bits <= 34:
        raise Failure(f"--retype-bits {options.retype_bits}: 20 to 34.")
    if options.beside and not pathlib.Path(options.beside).is_file():
        raise Failure(f"--beside {options.beside}: no such file.")
    if not re.fullmatch(r"[1-9][0-9]*[MG]", options.memory):
        raise Failure(f"--memory {options.memory}: give a whole number of megabytes or gigabytes, as 512M or 3G.")
    configuration = config.from_options(options)
    packages.ensure("build", "run")
    build.build(configuration, ("all", "preemption"))
    kernels = [configuration.kernel] + ([pathlib.Path(options.beside)] if options.beside else [])
    measure = preemption_count.latencies if options.latency else preemption_count.runs
    results = []
    for kernel in kernels:
        note(f"antimono: measuring {paths.shown(kernel)}")
        results.append(measure(configuration, kernel, options.memory, options.retype_bits, options.image))
    if options.latency:
        return show_latencies(*results)
    return show_runs(results[0], results[1] if len(results) > 1 else {}, options.where)


def bounds():
    """The constant that bounds every run, and the scenarios that are linear instead: name -> (items, bound for each)."""
    data = json.loads(BOUNDS.read_text(encoding="utf-8"))
    return data["constant"], {name: (entry["items"], entry["each"]) for name, entry in data["linear"].items()}


def bound_of(name):
    """(bound in instructions, whether it is linear in what the scenario has many of)."""
    constant, linear = bounds()
    if name in linear:
        items, each = linear[name]
        return items * each, True
    return constant, False


def show_runs(ours, others, where):
    other_head = f"{'beside':>9}  " if others else ""
    say(f"{'longest':>9}  {'bound':>9}  {other_head}{'looks':>7}  scenario")
    exceeded = 0
    for name, result in ours.items():
        bound, linear = bound_of(name)
        exceeded += result.longest > bound
        other = f"{others[name].longest if name in others else '-':>9}  " if others else ""
        verdict = " EXCEEDED" if result.longest > bound else " (linear)" if linear else ""
        say(f"{result.longest:>9}  {bound:>9}  {other}{result.looks:>7}  {name}{verdict}")
        if where:
            say(f"{'':>{22 + len(other_head)}}{result.place()}")
    say()
    constant, linear = bounds()
    say(f"Longest run of kernel instructions between two points at which interrupts are noticed; bound {constant}, "
        f"except for {len(linear)} scenarios that are linear by definition (docs/preemption.md).")
    if exceeded:
        say(f"{exceeded} exceeded the bound")
    return 1 if exceeded else 0


def show_latencies(ours, others=None):
    other_head = f"{'beside':>9}  " if others else ""
    say(f"{'late by':>9}  {other_head}{'duration':>10}  {'interrupts':>10}  scenario")
    for name, result in ours.items():
        other = f"{others[name].late if name in others else '-':>9}  " if others else ""
        say(f"{result.late:>9}  {other}{result.duration:>10}  {result.interrupts:>10}  {name}")
    say()
    say("How much later than due a thread of the highest priority heard of a timer's interrupt, at worst, while the kernel "
        "worked for another thread; in instructions.")
    return 0
