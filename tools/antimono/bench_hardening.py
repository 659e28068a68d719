# SPDX-License-Identifier: GPL-2.0-only
"""What protection costs: the same benchmark on kernels built without it, which exist for this only (cmake/KernelFlags.cmake,
ANTIMONO_MEASURED_WITHOUT)."""
import json
import math

from antimono import bench_run, build, paths
from antimono.process import run_logged
from antimono.report import Progress, note, say

#: Name of the build -> what it is built without, and the head of its column.
KINDS = {"library": (("library",), "libc++, UB"), "zeroing": (("zeroing",), "zeroing"), "checks": (("checks",), "frame"),
         "all": (("library", "zeroing", "checks"), "all")}


def build_without(kind):
    """Builds the kernel without this kind of protection; returns its file."""
    without, name = KINDS[kind][0], f"bench-without-{kind}"
    directory = paths.BUILD / name
    run_logged(["cmake", "--preset", bench_run.PRESET, "-B", directory, f"-DANTIMONO_MEASURED_WITHOUT={';'.join(without)}"],
               f"configure the kernel without {', '.join(without)}", f"{name}-configure", env=build.environment())
    build.build_directory(directory, name, ("kernel",))
    return directory / "kernel.elf"


def measure(kernel, image, machine):
    """{kind or None for the kernel as it is: (row -> instructions, bytes of text)}."""
    results = {}
    for number, kind in enumerate((None, *KINDS), 1):
        file = build_without(kind) if kind else kernel
        of_all = f"kernel {number} of {len(KINDS) + 1}"
        what = f"without {', '.join(KINDS[kind][0])}" if kind else "with all its protection"
        note(f"antimono: measuring {of_all}, {what}: {paths.shown(file)}")
        with Progress(f"measure {of_all}"):
            results[kind] = bench_run.measure(file, image, machine, own=True), bench_run.text_bytes(file)
    return results


def cost(with_it, without):
    return f"{(with_it / without - 1) * 100:>9.1f} %"


def means(results):
    """Kind -> by which factor it makes an operation longer, the geometric mean of all rows."""
    ours, _ = results[None]
    return {kind: math.exp(sum(math.log(ours[row] / results[kind][0][row]) for row in ours) / len(ours)) for kind in KINDS}


def show(results):
    """Prints by how much each kind of protection makes each row longer, and the mean of all rows."""
    ours, text = results[None]
    width = max(map(len, ours))
    say(f"{'operation':<{width}}  {'ours':>8}  " + "  ".join(f"{head:>11}" for _, head in KINDS.values()))
    for row, figure in ours.items():
        say(f"{row:<{width}}  {figure:>8.1f}  " + "  ".join(cost(figure, results[kind][0][row]) for kind in KINDS))
    say()
    say(f"{f'cost of hardening, geometric mean of {len(ours)} rows':<{width}}  {'':>8}  " +
        "  ".join(cost(mean, 1) for mean in means(results).values()))
    say(f"{'kernel text in bytes':<{width}}  {text:>8}  " + "  ".join(cost(text, results[kind][1]) for kind in KINDS))
    say("(by how much the kernel as it is takes more than one built without; a little less is the compiler's choices)")


def write_results(machine, results):
    """JSON of this run: rows and text of each kernel."""
    result = paths.BUILD / "bench" / f"hardening-{machine.name}.json"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps({"machine": machine.name, "title": machine.title, "kernels": {
        "as it is" if kind is None else f"without {', '.join(KINDS[kind][0])}": {"text": text, "rows": rows}
        for kind, (rows, text) in results.items()}}, indent=1) + "\n", encoding="utf-8")
    note(f"antimono: {paths.shown(result)}")
