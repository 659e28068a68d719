# SPDX-License-Identifier: GPL-2.0-only
"""Runs user/bench on a kernel, and what belongs to its figures: machines, records, comparison."""
import dataclasses
import json
import re
import subprocess

from antimono import paths, qemu
from antimono.report import Failure

#: The preset that is measured: a release build that prints, so that its size compares with seL4's.
PRESET = "release-printing"
PROGRAM = "bench"
SECONDS = 600
DONE = "bench: all measured"

#: What the seL4 kernel took, and what this kernel took when somebody last said --record.
SEL4_RECORD = paths.ROOT / "tests" / "recorded" / "sel4-16.0.0" / "bench.json"
OWN_RECORD = paths.ROOT / "tests" / "bench" / "recorded.json"
#: A row may grow by this factor before it counts as a regression.
TOLERANCE = 1.02

ROW = re.compile(r"^row (.+): (\d+) ticks, (\d+) operations$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Machine:
    """A processor to measure on. `adaptations`: how the kernel must say at boot that it adapted to it."""
    name: str
    cpu: str
    model: str
    adaptations: str

    @property
    def title(self):
        return f"{self.model}: {self.adaptations}"


#: Like is compared with like: the second machine's figures are compared with a seL4 built without its isolation.
MACHINES = {
    "isolated": Machine("isolated", qemu.CPU_FXSAVE, "Nehalem",
                        "page-table isolation on, PCID off, SMEP off, SMAP off"),
    "direct": Machine("direct", "Opteron_G3,-vme,-misalignsse,+pdpe1gb,enforce",
                      "Opteron_G3", "page-table isolation off, PCID off, SMEP off, SMAP off"),
}


def boot(kernel, image, machine, own, extra=(), done=DONE):
    """One run of a program to its end, where it prints `done`; returns the output. `own`: the kernel understands our
    arguments."""
    outcome = qemu.run(
        qemu.Machine(kernel=kernel, modules=(image,), cpu=machine.cpu, icount=0, extra=tuple(extra),
                     arguments=qemu.KERNEL_ARGUMENTS if own else ""),
        timeout=SECONDS, sink=lambda text: None)
    text = outcome.output.decode(errors="replace")
    if own and f"boot: {machine.adaptations}" not in text:
        raise Failure(f"measuring {paths.shown(kernel)}: on {machine.model} the kernel does not say "
                      f"'boot: {machine.adaptations}', as the figures beside it suppose. It printed:\n{text[-2000:]}")
    if (outcome.kind, outcome.status) != ("exited", 0) or done not in text:
        raise Failure(f"measuring {paths.shown(kernel)}: {outcome.sentence()}. It printed:\n{text[-2000:]}")
    return text


def measure(kernel, image, machine, own):
    """Row -> instructions per operation."""
    return rows_in(boot(kernel, image, machine, own))


def rows_in(text):
    """Row -> ticks per operation, in what the program printed."""
    return {name: round(int(ticks) / int(operations), 1) for name, ticks, operations in ROW.findall(text)}


def text_bytes(kernel):
    """What `size` calls text: code and constants."""
    listed = subprocess.run(["llvm-size-22", kernel], stdout=subprocess.PIPE, text=True, check=False).stdout.splitlines()
    return int(listed[1].split()[0]) if len(listed) > 1 else None


def load(path):
    """A record: {machine: {"rows": {row: figure}, ...}}; empty if there is none yet."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Failure(f"{paths.shown(path)} is no valid JSON: {error}") from None


def store(path, machine, rows, **more):
    """Replaces one machine's rows in a record."""
    store_part(path, machine, {**more, "rows": rows})


def store_part(path, machine, part):
    """Replaces one machine's part of a record."""
    record = load(path)
    record[machine.name] = {"processor": machine.cpu, "title": machine.title, **part}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, sort_keys=False) + "\n", encoding="utf-8")


def rows_of(record, machine):
    return record.get(machine.name, {}).get("rows", {})


def regression(row, figure, recorded):
    """A sentence if the row got slower than recorded; None if not."""
    before = recorded.get(row)
    if before is None:
        return "has no recorded figure; `./antimono bench --record` makes one"
    if figure > before * TOLERANCE:
        return f"{figure:g} instructions, recorded {before:g}, which is {(figure / before - 1) * 100:.1f} % more"
    return None


def text_regression(text, record, machine):
    """A sentence if the kernel's text is larger than recorded; None if not."""
    before = record.get(machine.name, {}).get("text")
    if before is None:
        return "has no recorded size; `./antimono bench --record` makes one"
    if text > before * TOLERANCE:
        return f"{text} bytes, recorded {before}, which is {(text / before - 1) * 100:.1f} % more"
    return None
