# SPDX-License-Identifier: GPL-2.0-only
"""Boots the test programs of user/ under the presets that they are for; each of their tests is a case here.

They print `ok NAME` and `not ok NAME: REASON` and end with a status other than 0 if one failed. A program that ends
early, or whose status disagrees with its lines, adds a case of its own.
"""
import concurrent.futures
import dataclasses
import os
import re
import sys

from antimono import config, qemu
from antimono.suite import matches

#: The directories of user/chapters, and user/kernel_flags.
PROGRAMS = ("objects", "cspace", "ipc", "notifications", "threads", "faults", "fpu", "domains", "vspace", "tlb", "io",
            "boot", "reference", "kernel_flags")

#: What programs want in their machine: edu is QEMU's PCI device for teaching, with interrupts of all kinds on demand.
DEVICES = {"io": ("-device", "edu")}

#: AMD's processors need no page-table isolation: no kernel loads CR3 at its entries there, so a translation that should
#: have been invalidated is still in use.
AMD_FXSAVE = "Opteron_G3,-vme,-misalignsse,+pdpe1gb,enforce"
AMD_XSAVE = ("EPYC,-vme,-rdseed,-sha-ni,-fxsr-opt,-misalignsse,-3dnowprefetch,-osvw,-topoext,-nrip-save,-xsavec,"
             "-xgetbv1,enforce")


@dataclasses.dataclass(frozen=True)
class Run:
    """One boot of a program."""
    program: str
    preset: str
    variant: str = ""

    @property
    def name(self):
        return ", ".join(filter(None, (self.program, self.preset, self.variant)))

    def machine(self, configuration):
        cpu = qemu.cpu_for(configuration.symbols())
        if self.variant == "AMD":
            cpu = AMD_XSAVE if cpu == qemu.CPU_XSAVE else AMD_FXSAVE
        return qemu.Machine(kernel=configuration.kernel, modules=(configuration.images / self.program,),
                            arguments=qemu.KERNEL_ARGUMENTS, cpu=cpu, icount=CLOCK, extra=DEVICES.get(self.program, ()))


EVERYWHERE = ("sim-debug", "sim-release", "sim-domains", "default")
RUNS = ([Run(program, preset) for program in PROGRAMS for preset in EVERYWHERE]
        + [Run(program, preset, "AMD") for program in ("tlb", "vspace", "fpu") for preset in EVERYWHERE]
        + [Run("hardware_debug", "sim-instruments", variant) for variant in ("", "AMD")]
        + [Run("utilisation", "sim-instruments")])

#: The machine's clock counts instructions, 16 ns each, so that a run repeats exactly: the timer ticks at the same
#: instruction every time.
CLOCK = 4

SECONDS = 120
RESULT = re.compile(r"(ok|not ok) (.+)")
SUMMARY = re.compile(r"\w+: (\d+) passed, (\d+) failed")


def lines_of(run):
    """Result lines of one run."""
    configuration = config.resolve(run.preset)
    image = configuration.images / run.program
    prefix = run.name
    if not image.is_file():
        return [f"not ok {prefix}/(whole run): {image} was not built"]
    outcome = qemu.run(run.machine(configuration), timeout=SECONDS, sink=lambda text: None)
    text = outcome.output.decode(errors="replace")
    results = [line for line in text.splitlines() if RESULT.fullmatch(line)]
    passed = sum(line.startswith("ok ") for line in results)
    failed = len(results) - passed
    lines = [RESULT.sub(rf"\1 {prefix}: \2", line, count=1).replace(f"{prefix}: ", f"{prefix}/", 1) for line in results]
    summary = SUMMARY.search(text)
    if summary is None or (passed, failed) != (int(summary[1]), int(summary[2])) or (
            (outcome.kind, outcome.status == 0) != ("exited", failed == 0)):
        lines.append(f"not ok {prefix}/(whole run): {outcome.sentence()}, after {passed + failed} results")
        lines += [f"# {line}" for line in text.splitlines()[-30:]]
    else:
        lines.append(f"ok {prefix}/(whole run) # {outcome.seconds:.1f} s")
    return lines


def main():
    if "--list" in sys.argv[1:]:
        print("\n".join(f"{run.name}/(whole run)" for run in RUNS))
        return 0
    pattern = os.environ.get("ANTIMONO_ONLY", "")
    # Names within a program are known only after it ran; a pattern that names a program spares the others.
    chosen = [run for run in RUNS if matches(f"user/{run.name}/", pattern)] or RUNS
    with concurrent.futures.ThreadPoolExecutor(min(2, int(os.environ.get("ANTIMONO_JOBS", "2")))) as pool:
        for lines in pool.map(lines_of, chosen):
            print("\n".join(lines), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
