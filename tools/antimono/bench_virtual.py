# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark on a real processor, where the machine offers virtualisation (KVM): what an emulator cannot tell, cycles and
time. These figures differ from run to run and from processor to processor, so nothing is compared with a record."""
import os
import pathlib
import re

from antimono import paths, qemu
from antimono.bench_run import DONE, ROW
from antimono.report import Failure, say

DEVICE = pathlib.Path("/dev/kvm")
#: A processor takes a few; where virtualisation is nested or incomplete, a guest may never end.
SECONDS = 60
CLOCK = re.compile(r"^clock (\d+) MHz$", re.MULTILINE)


def why_not(device=DEVICE):
    """Why there is no real processor to measure on; None if there is."""
    if not device.exists():
        return f"{device} is not there: this machine offers no virtualisation, so there are no cycles and no times"
    if not os.access(device, os.R_OK | os.W_OK):
        return f"{device} may not be used by this user (group kvm), so there are no cycles and no times"
    return None


def measure(kernel, image, own, accelerator="kvm", cpu="host"):
    """Row -> (ticks of the time-stamp counter, nanoseconds) of one operation."""
    outcome = qemu.run(
        qemu.Machine(kernel=kernel, modules=(image,), cpu=cpu, accelerator=accelerator,
                     arguments=qemu.KERNEL_ARGUMENTS if own else ""),
        timeout=SECONDS, sink=lambda text: None)
    text = outcome.output.decode(errors="replace")
    if (outcome.kind, outcome.status) != ("exited", 0) or DONE not in text:
        raise Failure(f"{paths.shown(kernel)} does not run with QEMU's -accel {accelerator} here: {outcome.sentence()}")
    return read(text)


def read(text):
    """The figures in what the program printed."""
    clock = CLOCK.search(text)
    if not clock:
        raise Failure("the benchmark did not print the clock's frequency.")
    ticks = {name: int(ticks) / int(operations) for name, ticks, operations in ROW.findall(text)}
    return {name: (round(value, 1), round(value * 1000 / int(clock[1]), 1)) for name, value in ticks.items()}


def show(ours, beside):
    """A table of our figures, and of the kernel beside ours if there is one."""
    say()
    say("On this machine's processor (KVM; ticks of its time-stamp counter, not of its core's clock; they vary):")
    width = max(map(len, ours))
    say(f"{'operation':<{width}}  {'ticks':>10}  {'ns':>9}" + (f"  {'beside':>10}  {'ns':>9}" if beside else ""))
    for row, (ticks, time) in ours.items():
        line = f"{row:<{width}}  {ticks:>10.1f}  {time:>9.1f}"
        if row in beside:
            line += f"  {beside[row][0]:>10.1f}  {beside[row][1]:>9.1f}"
        say(line)
