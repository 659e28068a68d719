# SPDX-License-Identifier: GPL-2.0-only
"""How many instructions a kernel takes from its first to the user program's first. Calibrating timers takes as long as the
timer does, so the functions that do it are left out; a plugin for QEMU, tools/boot_count/plugin.c, tells them by address."""
import json
import pathlib
import struct
import subprocess
import tempfile

from antimono import bench_run, paths, plugin, qemu
from antimono.report import Failure

ROW = "boot to first user instruction"
HIGH_HALF = 0xFFFFFFFF00000000
#: Functions that calibrate, ours and those of seL4 16.0.0, the first of which every build has; the others may be inlined.
#: And functions without calls that wait if who calls them does.
OURS = "frame::x86_64::(anonymous namespace)::"
CALIBRATION = (
    {"wait": ("frame::x86_64::measure_timers()", f"{OURS}measure_against_pit()", f"{OURS}take_sample()",
              f"{OURS}read_pit()", f"{OURS}start_pit()", f"{OURS}measure_against_tsc(unsigned long)"),
     "leaf": ("frame::x86_64::timer_count()",)},
    {"wait": ("tsc_init", "pit_init", "pit_wait_wraparound"), "leaf": ("in8", "out8")},
)


def calibration(kernel):
    """The plugin's arguments `wait` and `leaf` for this kernel."""
    listed = subprocess.run(["llvm-nm-22", "-S", "-C", "--defined-only", kernel], stdout=subprocess.PIPE, text=True,
                            check=True).stdout
    found = {}
    for symbol in (line.split(None, 3) for line in listed.splitlines()):
        if len(symbol) == 4:
            start = int(symbol[0], 16)
            # seL4's file is an ELF32 copy, which has the lower halves of the kernel's addresses.
            start |= HIGH_HALF if len(symbol[0]) == 8 and start >= 1 << 31 else 0
            found[symbol[3]] = (start, start + int(symbol[1], 16))
    for functions in CALIBRATION:
        if functions["wait"][0] in found:
            return "".join(f",{kind}={found[name][0]:x}-{found[name][1]:x}" for kind, names in functions.items()
                           for name in names if name in found)
    wanted = " or ".join(functions["wait"][0] for functions in CALIBRATION)
    raise Failure(f"{paths.shown(kernel)} has no symbol {wanted}: boot cannot be told from waiting for timers.")


def load_range(kernel):
    """Physical addresses of the first segment that is loaded: where a kernel starts."""
    listed = subprocess.run(["llvm-readelf-22", "--program-headers", "--wide", kernel], stdout=subprocess.PIPE, text=True,
                            check=True).stdout
    segments = [line.split() for line in listed.splitlines() if line.split()[:1] == ["LOAD"]]
    physical, length = min((int(segment[3], 16), int(segment[5], 16)) for segment in segments)
    return physical, physical + length


def measure(kernel, image, machine, own):
    """{ROW: instructions}."""
    counter = plugin.build("boot_count")
    start, end = load_range(kernel)
    entry, = struct.unpack_from("<Q", pathlib.Path(image).read_bytes(), 24)
    with tempfile.TemporaryDirectory(prefix="antimono-boot-") as scratch:
        result = pathlib.Path(scratch) / "result"
        places = f"kernel={start:x}-{end:x},user={entry:x}{calibration(kernel)}"
        bench_run.boot(kernel, image, machine, own,
                       extra=("-plugin", f"{qemu.comma(counter)},out={qemu.comma(result)},{places}"))
        counted = json.loads(result.read_text(encoding="utf-8"))
    if not counted["done"]:
        raise Failure(f"{paths.shown(kernel)} never came to the program's entry point {entry:#x}.")
    return {ROW: counted["total"] - counted["waiting"]}
