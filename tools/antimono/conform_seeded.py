# SPDX-License-Identifier: GPL-2.0-only
"""The deliberate defects (seeded.py), held against the recordings: those that a program can see must show."""
import dataclasses
import time

from antimono import config, conform, conform_compare, conform_record, paths, seeded
from antimono.conform_image import PROGRAM
from antimono.report import Failure, plural, say
from antimono.source_copy import SourceCopy

#: The build lies where it would in a checkout, so that a compiler cache knows what was compiled there.
COPY = SourceCopy(paths.BUILD / "conform-seeded", paths.BUILD / "conform-seeded" / "build")
#: Random scripts that a defect is held against, after those by hand: the first few.
SEEDS = 256
#: A run counts as hanging after so many times the seconds that it takes without a defect, and at least so many.
PATIENCE, LEAST_PATIENCE = 5, 60


def run(prefix, seeds):
    patches = seeded.patches(prefix)
    wanted = {patch: preset_of(patch) for patch in patches}
    COPY.refresh()
    missed = []
    for preset in dict.fromkeys(filter(None, wanted.values())):
        bench = Bench(preset, seeds or (0, min(SEEDS - 1, conform_record.Recording(preset).about["seeds"]["last"])))
        bench.check_sound()
        for patch in (patch for patch in patches if wanted[patch] == preset):
            began = time.monotonic()
            try:
                caught, what = bench.try_patch(patch)
            except Failure as failure:  # it was made for other source: the others are tried all the same
                caught, what = False, str(failure)
            if not caught:
                missed.append(patch.name)
            say(f"{'caught' if caught else 'MISSED'}  {preset}  {patch.name}: {what}  # {time.monotonic() - began:.0f} s")
    for patch in (patch for patch in patches if wanted[patch] is None):
        say(f"unseen  {patch.name}: {patch.field('Conform')}")
    visible = sum(preset is not None for preset in wanted.values())
    say(f"{visible - len(missed)} of {plural(visible, 'defect')} that a program can see make the conformance run fail")
    return 1 if missed else 0


def preset_of(patch):
    """The preset whose recording must show the defect, None if none can."""
    text = patch.field("Conform")
    if text in conform.PRESETS:
        return text
    if text.startswith("none, because "):
        return None
    raise Failure(f"{paths.shown(patch.path)}: 'Conform: {text}' is neither one of {', '.join(conform.PRESETS)} nor "
                  "'none, because ...'.")


class Bench:
    """The copy, built for one preset."""

    def __init__(self, preset, seeds):
        self.configuration = dataclasses.replace(config.resolve(preset), build_dir=COPY.binary / preset)
        self.scripts = conform.Session(preset, configuration=self.configuration)
        self.random = conform.Session(preset, seeds=seeds, configuration=self.configuration)
        if not (self.configuration.build_dir / "build.ninja").exists():
            # Without the safety gate, which has nothing to do with what programs see and takes minutes to build.
            COPY.tool(["cmake", "--preset", preset, "-B", self.configuration.build_dir, "-DANTIMONO_GATE=OFF"],
                      "configuring the copy")

    def check_sound(self):
        """Without a defect there is no difference; learns how long that takes."""
        log = self.compile()
        if log:
            raise Failure(f"the copy in {paths.shown(COPY.root)} does not build without a defect:\n{log[-3000:]}")
        began = time.monotonic()
        found, text = self.measure()
        seconds = time.monotonic() - began
        if found:
            raise Failure(f"without any defect: {text}")
        self.scripts.seconds = self.random.seconds = max(LEAST_PATIENCE, PATIENCE * seconds)

    def try_patch(self, patch):
        """(whether the run fails, what it shows)"""
        with COPY.patched(patch):
            log = self.compile()
            if log:
                raise Failure(f"{paths.shown(patch.path)} does not compile:\n{log[-3000:]}")
            return self.measure()

    def measure(self):
        """(whether anything differs, how much in words)"""
        ours, complaints = self.scripts.run_scripts()
        names = [script.name for script in self.scripts.scripts]
        by_hand = conform_compare.find("script", ours, self.scripts.recorded_scripts(), names)
        first, last = self.random.seeds
        ours, more = self.random.run_seeds(first, last)
        at_random = conform_compare.find("seed", ours, self.random.recorded_seeds(first, last), range(first, last + 1))
        shown = [f"{difference.kind} {difference.name!r}, step {difference.step}" for difference in by_hand + at_random
                 if difference.step is not None]
        ends = [complaint.splitlines()[0] for complaint in complaints + more]
        parts = [f"{len(by_hand)} of {plural(len(names), 'script')}", f"{len(at_random)} of {plural(last - first + 1, 'seed')}",
                 f"first {shown[0]}" if shown else "", ends[0] if ends else ""]
        return bool(by_hand or at_random or ends), "; ".join(filter(None, parts))

    def compile(self):
        """Builds kernel and program; what the compiler said if it does not work."""
        return COPY.compile(self.configuration.build_dir, "all", PROGRAM)
