# SPDX-License-Identifier: GPL-2.0-only
"""The deliberate defects of tests/seeded, held against the recordings: those that a program can see must show.

A patch says in its head which configuration's recording shows the defect, or why none can:
    Conform: sim-release
    Conform: none, because ...
"""
import dataclasses
import re
import shutil
import subprocess
import time

from antimono import build, config, conform, conform_compare, conform_record, mutate, paths
from antimono.conform_image import PROGRAM
from antimono.report import Failure, plural, say

SOURCE = paths.BUILD / "conform-seeded"
#: As in a checkout, so that a compiler cache knows what was compiled there.
BINARY = SOURCE / "build"
#: Copied; the rest of the checkout takes no part.
PARTS = ("CMakeLists.txt", "CMakePresets.json", "abi", "cmake", "frame", "kernel", "libsel4", "tests", "tools", "user")
#: Random scripts that a defect is held against, after those by hand: the first few.
SEEDS = 256
#: A run counts as hanging after so many times the seconds that it takes without a defect, and at least so many.
PATIENCE, LEAST_PATIENCE = 5, 60


def run(prefix, seeds):
    patches = mutate.seeded(prefix)
    wanted = {patch: preset_of(patch) for patch in patches}
    copy_source()
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
                missed.append(patch.stem)
            say(f"{'caught' if caught else 'MISSED'}  {preset}  {patch.stem}: {what}  # {time.monotonic() - began:.0f} s")
    for patch in (patch for patch in patches if wanted[patch] is None):
        say(f"unseen  {patch.stem}: {header(patch)}")
    visible = sum(preset is not None for preset in wanted.values())
    say(f"{visible - len(missed)} of {plural(visible, 'defect')} that a program can see make the conformance run fail")
    return 1 if missed else 0


def header(patch):
    """What follows `Conform:`, which may go on over lines that begin with blanks."""
    found = re.search(r"^Conform: (.+(?:\n +.+)*)$", patch.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise Failure(f"{paths.shown(patch)} has no line 'Conform: PRESET' or 'Conform: none, because ...'.")
    return " ".join(found[1].split())


def preset_of(patch):
    """The preset whose recording must show the defect, None if none can."""
    text = header(patch)
    if text in conform.PRESETS:
        return text
    if text.startswith("none, because "):
        return None
    raise Failure(f"{paths.shown(patch)}: 'Conform: {text}' is neither one of {', '.join(conform.PRESETS)} nor "
                  "'none, because ...'.")


def copy_source():
    """Brings the copy up to date; files that are the same keep their time, so little is built again."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *PARTS], cwd=paths.ROOT, text=True,
                            capture_output=True, check=False)
    if listed.returncode != 0:
        raise Failure(f"git does not say which files belong to the source: {listed.stderr.strip()}")
    wanted = {name for name in listed.stdout.splitlines() if (paths.ROOT / name).is_file()}
    for path in SOURCE.rglob("*") if SOURCE.is_dir() else ():
        if path.is_file() and BINARY not in path.parents and str(path.relative_to(SOURCE)) not in wanted:
            path.unlink()
    for name in wanted:
        target = SOURCE / name
        if not target.is_file() or target.read_bytes() != (paths.ROOT / name).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(paths.ROOT / name, target)


class Bench:
    """The copy, built for one preset."""

    def __init__(self, preset, seeds):
        self.configuration = dataclasses.replace(config.resolve(preset), build_dir=BINARY / preset)
        self.scripts = conform.Session(preset, configuration=self.configuration)
        self.random = conform.Session(preset, seeds=seeds, configuration=self.configuration)
        if not (self.configuration.build_dir / "build.ninja").exists():
            # Without the safety gate, which has nothing to do with what programs see and takes minutes to build.
            self.tool(["cmake", "--preset", preset, "-B", self.configuration.build_dir, "-DANTIMONO_GATE=OFF"],
                      "configuring the copy")

    def check_sound(self):
        """Without a defect there is no difference; learns how long that takes."""
        log = self.compile()
        if log:
            raise Failure(f"the copy in {paths.shown(SOURCE)} does not build without a defect:\n{log[-3000:]}")
        began = time.monotonic()
        found, text = self.measure()
        seconds = time.monotonic() - began
        if found:
            raise Failure(f"without any defect: {text}")
        self.scripts.seconds = self.random.seconds = max(LEAST_PATIENCE, PATIENCE * seconds)

    def try_patch(self, patch):
        """(whether the run fails, what it shows)"""
        self.tool(["git", "apply", patch], f"applying {paths.shown(patch)}")
        try:
            log = self.compile()
            if log:
                raise Failure(f"{paths.shown(patch)} does not compile:\n{log[-3000:]}")
            return self.measure()
        finally:
            for name in mutate.touched(patch):
                shutil.copyfile(paths.ROOT / name, SOURCE / name)

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

    def tool(self, command, what):
        done = subprocess.run([str(part) for part in command], cwd=SOURCE, text=True, capture_output=True, check=False,
                              env=dict(build.environment(), GIT_CEILING_DIRECTORIES=str(SOURCE.parent)))
        if done.returncode != 0:
            raise Failure(f"{what} failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def compile(self):
        """Builds kernel and program; what the compiler said if it does not work."""
        done = subprocess.run(["ninja", "-C", str(self.configuration.build_dir), "all", PROGRAM], text=True, capture_output=True,
                              check=False, errors="replace", env=build.environment())
        return "" if done.returncode == 0 else done.stdout + done.stderr
