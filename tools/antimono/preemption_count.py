# SPDX-License-Identifier: GPL-2.0-only
"""Runs user/preemption under the counting plugin, or with interrupts, and reads what came out."""
import bisect
import dataclasses
import json
import pathlib
import re
import subprocess
import tempfile

from antimono import images, parameters, paths, plugin, qemu
from antimono.report import Failure

PRESET = "sim-release"
PROGRAM = "preemption"
#: struct Parameters in user/preemption/scenario.h
MAGIC = "preempt params"
SECONDS = 1200

SCENARIO_LIST = paths.ROOT / "user" / "preemption" / "main.c"
SCENARIO = re.compile(r"^scenario (\d+): (.*)$", re.MULTILINE)
PERIOD = re.compile(r"^latency: period (\d+) ns$", re.MULTILINE)
LATENCY = re.compile(r"latency: (\d+) interrupts in (\d+), longest interval (\d+)")


@dataclasses.dataclass
class Runs:
    """What the plugin found in one scenario. Instructions, and names of functions."""
    longest: int
    looks: int
    total: int
    start: str
    end: str
    functions: list

    def place(self):
        most = ", ".join(f"{name} {count}" for name, count in self.functions[:3])
        return f"from {self.start} to {self.end}: {most}"


@dataclasses.dataclass
class Latency:
    """What a thread that waits for interrupts saw in one scenario. Instructions."""
    late: int
    interrupts: int
    duration: int


def scenario_names():
    """The names of all scenarios, as the program's source has them."""
    return re.findall(r'^    \{"(.*)", \w+\},$', SCENARIO_LIST.read_text(encoding="utf-8"), re.MULTILINE)


class Symbols:
    """Names of a kernel's functions by address; hexadecimal numbers where the file has no symbols."""

    def __init__(self, kernel):
        listed = subprocess.run(["llvm-nm-22", "--numeric-sort", "--demangle", kernel], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True, check=False).stdout
        found = [line.split(" ", 2) for line in listed.splitlines()]
        self.symbols = [(int(address, 16), name) for address, kind, name in found if kind in "tTwW"]
        self.addresses = [address for address, _ in self.symbols]

    def name(self, address):
        index = bisect.bisect_right(self.addresses, address) - 1
        if index < 0:
            return f"{address:#x}"
        name = self.symbols[index][1].partition("(")[0] or self.symbols[index][1]
        return name.rpartition(" ")[2]


def symbols_file(kernel):
    """Where a kernel's symbols are: a copy in another format has none, but the original often lies beside it."""
    beside = kernel.parent / "kernel.elf"
    return beside if kernel.suffix != ".elf" and beside.is_file() else kernel


def boot(kernel, configuration, memory, image, extra=()):
    """One deterministic run to its end; returns the output."""
    machine = qemu.Machine(kernel=kernel, modules=(image,), memory=memory, icount=0,
                           cpu=qemu.cpu_for(configuration.symbols()), extra=extra,
                           arguments=qemu.KERNEL_ARGUMENTS if kernel == configuration.kernel else "")
    outcome = qemu.run(machine, timeout=SECONDS, sink=lambda text: None)
    text = outcome.output.decode(errors="replace")
    if (outcome.kind, outcome.status) != ("exited", 0):
        raise Failure(f"measuring {paths.shown(kernel)}: {outcome.sentence()}. It printed:\n{text[-2000:]}")
    return text


def runs(configuration, kernel, memory="512M", retype_bits=26, program=None):
    """Scenario -> Runs; with a program, one scenario of that name."""
    counter = plugin.build("preemption")
    symbols = Symbols(symbols_file(kernel))
    with tempfile.TemporaryDirectory(prefix="antimono-preemption-") as scratch:
        result = pathlib.Path(scratch) / "result"
        image = pathlib.Path(scratch) / "image"
        found = images.find(program or PROGRAM, configuration)
        image.write_bytes(found.read_bytes() if program else parameters.patched(found, MAGIC, retype_bits, 0))
        text = boot(kernel, configuration, memory, image, ("-plugin", f"{qemu.comma(counter)},out={qemu.comma(result)}"))
        lines = [json.loads(line) for line in result.read_text(encoding="utf-8").splitlines()]
    names = {0: program} if program else {int(number): name.strip() for number, name in SCENARIO.findall(text)}
    return {names[line["scenario"]]: to_runs(line, symbols) for line in lines if line["scenario"] in names}


def to_runs(line, symbols):
    functions = {}
    for address, count in line["blocks"]:
        name = symbols.name(address)
        functions[name] = functions.get(name, 0) + count
    return Runs(longest=line["longest"], looks=line["looks"], total=line["total"],
                start=f"{line['from']} ({symbols.name(line['from_address'])})",
                end=f"{line['to']} ({symbols.name(line['to_address'])})",
                functions=sorted(functions.items(), key=lambda item: -item[1]))


def latencies(configuration, kernel, memory="512M", retype_bits=26, program=None):
    """Scenario -> Latency, for those that lasted long enough for an interrupt."""
    if program:
        raise Failure("--latency measures the scenarios only; leave --image out.")
    with tempfile.TemporaryDirectory(prefix="antimono-preemption-") as scratch:
        image = pathlib.Path(scratch) / "image"
        image.write_bytes(parameters.patched(images.find(PROGRAM, configuration), MAGIC, retype_bits, 1))
        text = boot(kernel, configuration, memory, image)
    period = int(PERIOD.search(text)[1])
    result = {}
    for part in re.split(r"^(?=scenario \d+: )", text, flags=re.MULTILINE)[1:]:
        measured = [tuple(map(int, found)) for found in LATENCY.findall(part)]
        seen = sum(interrupts for interrupts, _, _ in measured)
        if seen:
            result[SCENARIO.search(part)[2].strip()] = Latency(
                late=max(0, max(longest for _, _, longest in measured) - period), interrupts=seen,
                duration=sum(duration for _, duration, _ in measured))
    return result
