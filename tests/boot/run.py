# SPDX-License-Identifier: GPL-2.0-only
"""Boots whole systems in QEMU and compares what they print; the cases are data in tests/boot/*.json.

A case:
    "name"       unique within its file; the test is called <file>/<name>
    "preset"     the kernel's configuration, default sim-debug
    "image"      a bundled root task or one of tests/boot/tasks; "forged" instead: a function of forge.py;
                 neither: no boot module at all
    "via"        pvh (default), multiboot1, bios or uefi (an ISO on a CD), bios-disk or uefi-disk (the same on a disk)
    "memory"     default 512M; "cpu": default what the preset needs; "arguments": kernel command line
    "tamper"     a function of tamper.py that changes memory before the kernel reads it
    "expect"     regular expressions that must match lines of the output in this order
    "reject"     regular expressions that no line may match
    "end"        how the run ends: {"status": N}, "panic", "halted", or "stop" (default): the test ends it once all of
                 "expect" came
    "recorded"   for the check: the recording to compare with, default PRESET-MEMORY
    "check"      a function of checks.py that gets the whole output
    "seconds"    patience, default 60
A file may have "defaults" that its cases share.
"""
import json
import os
import pathlib
import re
import sys
import tempfile

from antimono import config, images, qemu
from antimono.suite import Suite, fail

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import checks  # noqa: E402
import forge  # noqa: E402
import tamper  # noqa: E402

FIELDS = {"name", "preset", "image", "forged", "via", "memory", "cpu", "arguments", "tamper", "expect", "reject", "end",
          "recorded", "check", "seconds"}
SCRATCH = tempfile.TemporaryDirectory(prefix="antimono-boot-")


def load():
    """(full name, case) of every case file."""
    for path in sorted(HERE.glob("*.json")):
        if path.name == "suite.json":
            continue
        data = json.loads(path.read_text(encoding="utf-8"))
        for case in data["cases"]:
            case = {**data.get("defaults", {}), **case}
            if not FIELDS.issuperset(case):
                raise ValueError(f"{path.name}: {case['name']}: unknown fields {sorted(set(case) - FIELDS)}")
            yield f"{path.stem}/{case['name']}", case


def machine(name, case):
    """The Machine of a case."""
    configuration = config.resolve(case.get("preset", config.DEFAULT_PRESET))
    modules = []
    if "forged" in case:
        path = pathlib.Path(SCRATCH.name) / f"{case['forged']}.elf"
        path.write_bytes(forge.IMAGES[case["forged"]]())
        modules = [path]
    elif "image" in case:
        test_image = configuration.build_dir / "test-images" / case["image"]
        modules = [test_image if test_image.is_file() else images.find(case["image"], configuration)]
    via = case.get("via", "pvh")
    arguments = f"{qemu.KERNEL_ARGUMENTS} {case.get('arguments', '')}".strip()
    result = qemu.Machine(memory=case.get("memory", "512M"),
                          cpu=case.get("cpu") or qemu.cpu_for(configuration.symbols()))
    if via.startswith(("bios", "uefi")):
        result.iso = pathlib.Path(SCRATCH.name) / (re.sub(r"\W", "-", name) + ".iso")
        result.firmware, _, medium = via.partition("-")
        result.medium = medium or "cd"
        images.make_iso(result.iso, configuration.kernel, modules, arguments)
    else:
        result.kernel = configuration.kernel if via == "pvh" else configuration.kernel_multiboot1
        result.modules = tuple(modules)
        result.arguments = arguments
    return configuration, result


def unmatched(patterns, text):
    """The first pattern without a line, when each must match a line after the one before it; None if all do."""
    remaining = list(patterns)
    for line in text.splitlines():
        if remaining and re.search(remaining[0], line):
            del remaining[0]
    return remaining[0] if remaining else None


def run_case(name, case):
    expected, end = case.get("expect", []), case.get("end", "stop")
    configuration, description = machine(name, case)
    enough = None
    if end == "stop":
        def enough(output):
            return output.endswith(b"\n") and unmatched(expected, output.decode(errors="replace")) is None
    with tempfile.TemporaryDirectory(dir=SCRATCH.name) as scratch:
        tamperer = tamper.start(case["tamper"], description, configuration, scratch) if "tamper" in case else None
        try:
            outcome = qemu.run(description, timeout=case.get("seconds", 60), sink=lambda text: None, stop_when=enough)
        finally:
            if tamperer:
                tamperer.finish()  # its problem explains what became of the machine
    text = outcome.output.decode(errors="replace")
    missing = unmatched(expected, text)
    if missing is not None:
        fail(f"no line matches {missing!r} in its place; {outcome.sentence()}\n{tail(text)}")
    for pattern in case.get("reject", []):
        for line in text.splitlines():
            if re.search(pattern, line):
                fail(f"a line matches {pattern!r}: {line!r}\n{tail(text)}")
    wanted = end if isinstance(end, str) else "exited"
    if outcome.kind != {"stop": "stopped"}.get(wanted, wanted) or (
            wanted == "exited" and outcome.status != end["status"]):
        fail(f"{outcome.sentence()}, expected {end}\n{tail(text)}")
    if "check" in case:
        getattr(checks, case["check"])(text, case, configuration.kernel)


def tail(text, lines=60):
    return "\n".join(text.splitlines()[-lines:])


def main():
    suite = Suite()
    for name, case in load():
        suite.add(name, lambda name=name, case=case: run_case(name, case))
    # Two emulators at once at most: each keeps a processor busy.
    return suite.main(jobs=min(2, int(os.environ.get("ANTIMONO_JOBS", "2"))))


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        SCRATCH.cleanup()
