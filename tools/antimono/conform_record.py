# SPDX-License-Identifier: GPL-2.0-only
"""Recordings: what a kernel showed for the scripts of tests/conform, and what it was recorded from.

tests/conform/recorded/PRESET/
    about.json      kernel, configuration, what was recorded with which program
    scripts.txt     one line a script: NAME KEY TOTAL CODES; KEY is a digest of the script's steps
    seeds.xz        for each seed from the first on: TOTAL (64 bits), a code of 16 bits for each step
"""
import base64
import hashlib
import json
import lzma
import struct

from antimono import paths
from antimono.conform_image import Result, codes_of
from antimono.report import Failure

DIRECTORY = paths.ROOT / "tests" / "conform" / "recorded"
SCRIPTS = paths.ROOT / "tests" / "conform" / "scripts"
#: The generator's version (user/conform/generate*.c): another one if the recordings must be made again for another reason than
#: other steps, and the seeds whose steps are summed up.
GENERATOR, GENERATED = 1, (0, 15)
STEPS = 220


def generator_key(results):
    """What random scripts follow from besides the seed: the generator's version, and a digest of the steps that it makes for
    some seeds with outcomes that do not come from the kernel. None if the results do not have them."""
    totals = [results.get(("steps", seed)) for seed in range(GENERATED[0], GENERATED[1] + 1)]
    if None in totals:
        return None
    text = " ".join(f"{result.total:016x}" for result in totals)
    return f"{GENERATOR}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def script_key(script):
    digest = hashlib.sha256(bytes([script.options]))
    for step in script.steps:
        digest.update(step.encoded())
    return digest.hexdigest()[:16]


def encode_codes(codes):
    codes = list(codes) + [0] * (-len(codes) % 3)
    return base64.b64encode(struct.pack(f">{len(codes)}H", *codes)).decode()


class Recording:
    """The recording of one preset; empty if there is none."""

    def __init__(self, preset):
        self.directory = DIRECTORY / preset
        self.about, self.scripts, self.seeds = {}, {}, {}
        if not (self.directory / "about.json").is_file():
            return
        self.about = json.loads((self.directory / "about.json").read_text(encoding="utf-8"))
        if "scripts" in self.about:
            for line in (self.directory / "scripts.txt").read_text(encoding="utf-8").splitlines():
                name, key, total, count, codes = line.split("\t")
                self.scripts[name] = (key, Result("script", 0, int(total, 16), codes_of(codes, int(count))))
        if "seeds" in self.about:
            self.read_seeds()

    def read_seeds(self):
        first, last, steps = self.about["seeds"]["first"], self.about["seeds"]["last"], self.about["seeds"]["steps"]
        raw = lzma.decompress((self.directory / "seeds.xz").read_bytes())
        size = 8 + 2 * steps
        if len(raw) != (last - first + 1) * size:
            raise Failure(f"{paths.shown(self.directory / 'seeds.xz')} does not fit its about.json.")
        for index in range(last - first + 1):
            total, *codes = struct.unpack_from(f">Q{steps}H", raw, index * size)
            self.seeds[first + index] = Result("seed", first + index, total, codes)

    def write_scripts(self, pairs, about):
        """Replaces what is recorded of scripts. `pairs`: (script, Result)."""
        self.directory.mkdir(parents=True, exist_ok=True)
        lines = [f"{script.name}\t{script_key(script)}\t{result.total:016x}\t{len(result.codes)}\t{encode_codes(result.codes)}\n"
                 for script, result in pairs]
        (self.directory / "scripts.txt").write_text("".join(lines), encoding="utf-8")
        self.write_about(about, scripts={"number": len(pairs), "steps": sum(len(result.codes) for _, result in pairs)})

    def write_seeds(self, results, about):
        """Adds to what is recorded of seeds. `results`: seed -> Result. All together must be neighbours of one length."""
        if self.about.get("generator") == about["generator"] and self.about.get("kernel") == about["kernel"]:
            results = {**self.seeds, **results}
        first, last = min(results), max(results)
        results = [results[seed] for seed in range(first, last + 1) if seed in results]
        steps = len(results[0].codes)
        if len(results) != last - first + 1 or any(len(result.codes) != steps for result in results):
            raise Failure(f"seeds {first}..{last} would leave a gap, or differ in length. Record the seeds next to the others.")
        raw = b"".join(struct.pack(f">Q{steps}H", result.total, *result.codes) for result in results)
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "seeds.xz").write_bytes(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))
        self.write_about(about, seeds={"first": first, "last": last, "steps": steps})

    def write_about(self, about, **part):
        if self.about.get("kernel", about["kernel"]) != about["kernel"]:
            self.about = {}  # another kernel's
        self.about = {**self.about, **about, **part}
        (self.directory / "about.json").write_text(json.dumps(self.about, indent=4) + "\n", encoding="utf-8")
