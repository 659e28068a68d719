# SPDX-License-Identifier: GPL-2.0-only
"""Our test programs on another kernel: they are ordinary seL4 programs, so libsel4 is proven by them."""
import json
import re

from antimono import config, paths, qemu
from antimono.report import Failure, say
from antimono.suite import matches

#: What programs want in their machine; the same as in tests/user/run.py.
DEVICES = {"io": ("-device", "edu")}
#: Program or test -> why it does not pass on the seL4 kernel (docs/differences.md).
KNOWN = paths.ROOT / "tests" / "conform" / "programs.json"
PROGRAMS = ("hello", "tour", "objects", "cspace", "ipc", "notifications", "threads", "faults", "fpu", "domains", "vspace", "tlb",
            "io", "boot", "reference", "kernel_flags")
RESULT = re.compile(r"^(ok|not ok) ([^:\n]+)(?:: (.*))?$", re.MULTILINE)
SECONDS = 300


def run(preset, kernel, only=""):
    """Boots each program on `kernel`; returns the exit status."""
    if not kernel:
        raise Failure("--programs: say on which kernel, with --kernel FILE.")
    known = json.loads(KNOWN.read_text(encoding="utf-8")) if KNOWN.is_file() else {}
    configuration = config.resolve(preset)
    failures = 0
    for program in PROGRAMS:
        if not matches(program, only):
            continue
        reason = known.get(program)
        if reason:
            say(f"     {program}: not run: {reason}")
            continue
        machine = qemu.Machine(kernel=kernel, modules=(configuration.images / program,),
                               cpu=qemu.cpu_for(configuration.symbols()), extra=DEVICES.get(program, ()))
        outcome = qemu.run(machine, timeout=SECONDS, sink=lambda text: None)
        text = outcome.output.decode(errors="replace")
        results = RESULT.findall(text)
        failed = [(name, why) for verdict, name, why in results if verdict == "not ok"]
        unexpected = [(name, why) for name, why in failed if f"{program}/{name}" not in known]
        ended = outcome.kind == "exited" and (outcome.status == 0 or (failed and not unexpected))
        failures += len(unexpected) + (not ended)
        verdict = "pass" if ended and not unexpected else "FAIL"
        say(f"{verdict} {program}: {len(results) - len(failed)} of {len(results)} tests pass; {outcome.sentence()}")
        for name, why in failed:
            say(f"     {name}: {known.get(f'{program}/{name}', why)}")
    return 1 if failures else 0
