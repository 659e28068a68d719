# SPDX-License-Identifier: GPL-2.0-only
"""What protection costs: the same benchmark on kernels built without it, which exist for this only (cmake/KernelFlags.cmake,
ANTIMONO_MEASURED_WITHOUT)."""
import math

from antimono import bench_run, paths
from antimono.process import run_logged
from antimono.report import note, say

#: Name of the build -> what it is built without, and the head of its column.
KINDS = {"library": (("library",), "libc++, UB"), "zeroing": (("zeroing",), "zeroing"), "checks": (("checks",), "frame"),
         "all": (("library", "zeroing", "checks"), "all")}


def build(kind):
    """Builds the kernel without this kind of protection; returns its file."""
    without = KINDS[kind][0]
    directory = paths.BUILD / f"bench-without-{kind}"
    note(f"antimono: building {paths.shown(directory)}, the kernel without: {', '.join(without)}")
    run_logged(["cmake", "--preset", bench_run.PRESET, "-B", directory, f"-DANTIMONO_MEASURED_WITHOUT={';'.join(without)}"],
               "configure a kernel without protection", f"bench-without-{kind}-configure")
    run_logged(["cmake", "--build", directory, "--target", "kernel"], "build a kernel without protection",
               f"bench-without-{kind}")
    return directory / "kernel.elf"


def measure(kernel, image, machine):
    """{kind or None for the kernel as it is: (row -> instructions, bytes of text)}."""
    kernels = {None: kernel} | {kind: build(kind) for kind in KINDS}
    return {kind: (bench_run.measure(file, image, machine, own=True), bench_run.text_bytes(file))
            for kind, file in kernels.items()}


def cost(with_it, without):
    return f"{(with_it / without - 1) * 100:>9.1f} %"


def show(results):
    """Prints by how much each kind of protection makes each row longer, and the mean of all rows."""
    ours, text = results[None]
    width = max(map(len, ours))
    say(f"{'operation':<{width}}  {'ours':>8}  " + "  ".join(f"{head:>11}" for _, head in KINDS.values()))
    for row, figure in ours.items():
        say(f"{row:<{width}}  {figure:>8.1f}  " + "  ".join(cost(figure, results[kind][0][row]) for kind in KINDS))
    means = (math.exp(sum(math.log(ours[row] / results[kind][0][row]) for row in ours) / len(ours)) for kind in KINDS)
    say(f"{'cost of hardening, geometric mean':<{width}}  {'':>8}  " + "  ".join(cost(mean, 1) for mean in means))
    say(f"{'kernel text in bytes':<{width}}  {text:>8}  " + "  ".join(cost(text, results[kind][1]) for kind in KINDS))
