# SPDX-License-Identifier: GPL-2.0-only
"""Which configuration a sel4test image was built for, as far as the image and its place tell."""
import pathlib
import re
import struct

from antimono import config, elf
from antimono.report import Failure, note

#: Where seL4's build leaves its configuration, from the directory of its images.
BESIDE_IMAGES = pathlib.Path("..") / "kernel" / "gen_config" / "kernel" / "gen_config.json"
TABLE = "_test_case"
#: struct testcase of libsel4test: name[32], description, function, type, enabled.
ENTRY = struct.Struct("<32sQQQQ")
#: In the symbol table or debug information of images for kernels with debug output; others do not even declare it.
DEBUG_CALL = b"seL4_DebugPutChar\0"


def detect(path, recorded):
    """(preset or configuration file, what to tell about it). `recorded`: preset -> its recorded list of tests.

    Raises Failure if nothing tells.
    """
    beside = pathlib.Path(path).resolve().parent / BESIDE_IMAGES
    if beside.is_file():
        preset, bits = config.preset_like(beside)
        if preset in recorded:
            size = "" if bits is None else f" with a root CNode of 2^{bits} slots"
            return str(beside.resolve()), f"{preset}{size}: the seL4 build around it says so: {beside.resolve()}"
        raise Failure(
            f"{path}: the seL4 build around it ({beside.resolve()}) is configured like none of the presets that sel4test "
            f"was recorded for ({', '.join(recorded)}). Run it with --config {beside.resolve()} and, for the tests to "
            "expect, --recorded FILE.")
    content = pathlib.Path(path).read_bytes()
    enabled = enabled_tests(content)
    fitting = [preset for preset, names in recorded.items() if set(names[1:-1]) == enabled]
    if len(fitting) > 1 and DEBUG_CALL in content:
        fitting = [preset for preset in fitting if "release" not in preset]
        why = "it runs the tests recorded for it and uses seL4_DebugPutChar"
    else:
        why = "it runs exactly the tests recorded for it"
    if len(fitting) == 1:
        return fitting[0], f"{fitting[0]}: {why}"
    choices = " or ".join(f"--config {preset}" for preset in fitting or recorded)
    reason = (f"it runs the same tests for {' and '.join(fitting)}, and no gen_config.json of a seL4 build lies beside it"
              if fitting else "its tests are those of no preset that sel4test was recorded for" if enabled else
              "it has no table of tests, as images of sel4test do")
    raise Failure(f"{path} does not say which configuration it was built for: {reason}. Name it: {choices}.")


def warn_if_contradicted(path, chosen):
    """Says so if the seL4 build around the image has another configuration than the one that the user chose."""
    beside = pathlib.Path(path).resolve().parent / BESIDE_IMAGES
    if chosen in config.PRESETS and beside.is_file():
        preset, _ = config.preset_like(beside)
        if preset != chosen:
            note(f"antimono: --config {chosen}, but the seL4 build around {pathlib.Path(path).name} is configured "
                 f"{f'as {preset}' if preset else 'like no preset'} ({beside.resolve()})")


def enabled_tests(content):
    """Names of the tests that the driver and the program in its archive have switched on."""
    names = set()
    for found in re.finditer(rb"\x7fELF\x02\x01", content):
        table = elf.sections(content[found.start():]).get(TABLE, b"")
        for name, _, _, _, enabled in ENTRY.iter_unpack(table[:len(table) // ENTRY.size * ENTRY.size]):
            if enabled:
                names.add(name.split(b"\0")[0].decode(errors="replace"))
    return names

