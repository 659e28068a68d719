# SPDX-License-Identifier: GPL-2.0-only
"""antimono conform: scripts of system calls, and whether our kernel shows what the seL4 kernel showed."""
import collections
import concurrent.futures
import hashlib
import os
import pathlib
import re

from antimono import build, config, conform_compare, conform_image, conform_programs, conform_record, packages, paths
from antimono.conform_image import VERBOSE, generate_job, script_job, seeds_job
from antimono.conform_script import Assembler
from antimono.report import Failure, plural, say
from antimono.suite import matches

HELP = "compare what programs see with what was recorded from the seL4 kernel"
DESCRIPTION = """\
Boots user/conform, which carries out scripts of system calls and prints a digest of everything that programs see:
errors, message registers, faults, badges, who runs next, what capability spaces hold, what mappings show, registers.
tests/conform has the scripts written by hand, and what the seL4 kernel showed for them and for random ones.
"""
EPILOG = """\
examples:
  ./antimono conform                                   all recorded scripts, against the recording
  ./antimono conform --config sim-debug --only vspace  some scripts of another configuration
  ./antimono conform --seeds 0..99                     recorded random scripts only
  ./antimono conform --kernel kernel-x86_64-pc99 --seeds 5000..5019
                                                       fresh random scripts on ours and on another kernel
  ./antimono conform --config sim-debug --kernel kernel-x86_64-pc99 --scripts FILE
                                                       scripts that are not recorded
  ./antimono conform --record kernel-x86_64-pc99 --seeds 0..2047
                                                       record another kernel: scripts and random scripts
  ./antimono conform --programs --kernel kernel-x86_64-pc99
                                                       run the test programs of user/ on another kernel
  ./antimono conform --icount 9 --seeds 0..255         the same with a timer tick every 4,000 instructions
  ./antimono conform --seeded                          the deliberate defects of tests/seeded must show
  ./antimono conform --show 17                         everything that is seen in a random script; or the name of a script

exit status: 0 if nothing differs
"""
PRESETS = ("sim-release", "sim-debug", "sim-domains")
#: Random scripts are recorded for the first; the others have their first few.
DEFAULT_SEEDS = {"sim-release": (0, 2047), "sim-debug": (0, 255), "sim-domains": (0, 255)}
SECONDS = 1800
#: For so many differences a smaller script is looked for.
SHRUNK = 3
#: Capabilities of which there is one, from boot; scripts can invoke them, but neither make nor remove them.
FROM_BOOT = ("irq_control", "io_port_control", "domain", "asid_control")


def add_arguments(parser):
    parser.add_argument("--config", metavar="PRESET", action="append", choices=PRESETS,
                        help=f"one of {', '.join(PRESETS)}; may be given more than once (default: all that are recorded)")
    parser.add_argument("--only", metavar="PATTERN", default="", help="scripts by name or part of it; no random ones")
    parser.add_argument("--scripts", metavar="FILE", help="the scripts of this file instead of those of tests/conform")
    parser.add_argument("--seeds", metavar="A..B", help="random scripts only, by seed")
    parser.add_argument("--steps", type=int, default=conform_record.STEPS, metavar="N",
                        help=f"steps of a random script (default: {conform_record.STEPS})")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--kernel", metavar="FILE", help="compare ours with this kernel instead of the recording")
    group.add_argument("--record", metavar="FILE", help="record this kernel")
    group.add_argument("--show", metavar="WHAT", help="print all that is seen in a script or a seed")
    parser.add_argument("--kernel-name", default="seL4 16.0.0", metavar="TEXT", help="what the recording calls the kernel")
    parser.add_argument("--programs", action="store_true", help="run the test programs of user/ on --kernel instead")
    parser.add_argument("--icount", type=int, metavar="SHIFT", choices=range(11),
                        help="the machine's clock advances by 2^SHIFT ns an instruction, so that timer ticks fall elsewhere")
    parser.add_argument("--seeded", nargs="?", const="", metavar="NAME",
                        help="build the kernel with each deliberate defect of tests/seeded, or those whose name begins so; each "
                        "that a program can see must differ")
    parser.add_argument("--pairs", action="store_true",
                        help="print which documented error of which invocation which script reaches")


def run(options):
    seeds = parse_seeds(options.seeds)
    for file in filter(None, (options.kernel, options.record)):
        if not pathlib.Path(file).is_file():
            raise Failure(f"{file}: no such file. Give a kernel that was built for the configuration of --config.")
    if options.scripts and not (options.kernel or options.show):
        raise Failure("--scripts: say what to do with them: --kernel FILE compares, --show NAME shows what is seen.")
    if options.seeded is not None:
        from antimono import conform_seeded
        packages.ensure("build", "run")
        return conform_seeded.run(options.seeded, seeds)
    presets = options.config or [name for name in PRESETS if conform_record.Recording(name).about]
    if not presets:
        raise Failure("nothing is recorded. Record a kernel with --record FILE --config PRESET.")
    if (options.kernel or options.record) and len(presets) != 1:
        raise Failure("a kernel is built for one configuration: say which with --config.")
    packages.ensure("build", "run")
    for preset in presets:
        build.build(config.resolve(preset), build.EVERYTHING if options.programs else ("all", conform_image.PROGRAM))
    if options.programs:
        return conform_programs.run(presets[0], options.kernel, options.only)
    if options.pairs:
        from antimono import conform_pairs
        return conform_pairs.show(presets[0])
    failures = 0
    for preset in presets:
        session = Session(preset, options.only, seeds, options.steps, files=options.scripts and [options.scripts])
        session.icount = options.icount
        if options.record:
            session.record(options.record, options.kernel_name)
        elif options.show:
            session.show(options.show)
        else:
            failures += session.compare(options.kernel)
    return 1 if failures else 0


def parse_seeds(text):
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", text)
    if not match or int(match[2] or match[1]) < int(match[1]):
        raise Failure(f"--seeds {text}: give A..B or one number.")
    return int(match[1]), int(match[2] or match[1])


def read_scripts(assembler, pattern="", files=None):
    """The scripts written by hand whose name is chosen, in the order of files."""
    scripts = [script for path in files or sorted(conform_record.SCRIPTS.glob("*.txt")) for script in assembler.read(path)]
    twice = [name for name, count in collections.Counter(script.name for script in scripts).items() if count > 1]
    if twice:
        raise Failure(f"two scripts are called {twice[0]!r}.")
    return [script for script in scripts if matches(script.name, pattern)]


def batches(scripts):
    """Jobs for as many boots as the image's room takes: lists of (name, script) with their bytes."""
    result, size = [[]], 0
    for name, script in enumerate(scripts):
        job = script_job(name, script.steps, script.options)
        if size + len(job) > conform_image.CAPACITY:
            result.append([])
            size = 0
        result[-1].append((name, script, job))
        size += len(job)
    return result


class Session:
    """One configuration."""

    def __init__(self, preset, pattern="", seeds=None, steps=conform_record.STEPS, configuration=None,
                 files=None):
        self.preset, self.pattern, self.chosen_seeds, self.steps = preset, pattern, seeds, steps
        self.configuration = configuration or config.resolve(preset)
        self.seconds = SECONDS  # that a boot may take
        self.icount = None  # where timer ticks fall: qemu.Machine.icount
        self.tally = {}  # of the last random scripts: type of object -> how many were made, used and removed
        self.generator = None  # what the last random scripts follow from besides their seeds
        self.assembler = Assembler(preset)
        self.recording = conform_record.Recording(preset)
        self.files = files  # with scripts that are not recorded
        self.scripts = [] if seeds else read_scripts(self.assembler, pattern, files)
        recorded = self.recording.about.get("seeds")
        self.seeds = seeds or (None if pattern or files or not recorded else (recorded["first"], recorded["last"]))

    # -- Running -------------------------------------------------------------------------------------------------------

    def run_jobs(self, jobs, kernel=None):
        """All jobs, in two boots at once; (results, complaint)."""
        results, complaints, self.tally = {}, [], {}
        with concurrent.futures.ThreadPoolExecutor(min(2, int(os.environ.get("ANTIMONO_JOBS", "2")))) as pool:
            for outcome in pool.map(lambda job: conform_image.run(self.configuration, job, kernel, self.seconds,
                                                                  self.icount), jobs):
                results.update(outcome.results)
                for name, counts in outcome.tally.items():
                    self.tally[name] = self.tally.get(name, collections.Counter()) + counts
                if outcome.complaint:
                    last = list(outcome.results)[-1:] or [("nothing", 0)]
                    complaints.append(f"{outcome.complaint}; the last script to end was {last[0][0]} {last[0][1]}\n"
                                      + "\n".join(line for line in outcome.text[-2000:].splitlines() if line[:2] != "@s"))
        return results, complaints

    def run_scripts(self, kernel=None):
        """script name -> Result"""
        jobs = [b"".join(job for _, _, job in batch) for batch in batches(self.scripts) if batch]
        results, complaints = self.run_jobs(jobs, kernel)
        return {script.name: results["script", number] for number, script in enumerate(self.scripts)
                if ("script", number) in results}, complaints

    def run_seeds(self, first, last, kernel=None):
        """seed -> Result; sets self.tally and self.generator"""
        middle = (first + last + 1) // 2
        parts = [(first, middle - 1), (middle, last)] if last - first >= 16 else [(first, last)]
        jobs = [seeds_job(*part, self.steps) for part in parts]
        jobs[0] += generate_job(*conform_record.GENERATED, self.steps)
        results, complaints = self.run_jobs(jobs, kernel)
        self.generator = conform_record.generator_key(results)
        return {name: result for (kind, name), result in results.items() if kind == "seed"}, complaints

    # -- Recording -----------------------------------------------------------------------------------------------------

    def record(self, kernel, kernel_name):
        about = {"kernel": kernel_name, "kernel_sha256": hashlib.sha256(pathlib.Path(kernel).read_bytes()).hexdigest(),
                 "configuration": self.preset}
        if self.scripts:
            results = twice(lambda: self.run_scripts(kernel))
            kept = [] if not self.pattern else [
                (script, self.recording.scripts[script.name][1]) for script in read_scripts(self.assembler)
                if script.name not in results and script.name in self.recording.scripts]
            self.recording.write_scripts(kept + [(script, results[script.name]) for script in self.scripts], about)
            say(f"recorded {plural(len(self.scripts), 'script')} of {kernel_name}, {self.preset}")
            for script in self.scripts:
                for line, outcome in zip(script.lines, results[script.name].outcomes):
                    name = conform_image.OUTCOMES[outcome]
                    if line.expected and line.expected != name:
                        say(f"  {script.name}: line {line.number}: {line.text}: {name}")
        if self.pattern:
            return
        first, last = self.chosen_seeds or DEFAULT_SEEDS[self.preset]
        results = self.seeds_to_record(first, last, kernel)
        self.recording.write_seeds(results, {**about, "generator": self.generator})
        say(f"recorded seeds {first}..{last}: {shares(results.values())}")

    def seeds_to_record(self, first, last, kernel):
        """What another kernel shows. Where ours shows the same it does not depend on time; elsewhere it is looked at again."""
        results, complaints = self.run_seeds(first, last, kernel)
        refuse(complaints)
        ours, _ = self.run_seeds(first, last)
        for difference in conform_compare.find("seed", ours, results, range(first, last + 1)):
            again, complaints = self.run_seeds(difference.name, difference.name, kernel)
            refuse(complaints)
            refuse_change(results[difference.name], again[difference.name])
            say(f"seed {difference.name}: ours differs at step {difference.step}")
        return results

    # -- Comparing -----------------------------------------------------------------------------------------------------

    def compare(self, kernel):
        """Compares ours with the recording, or with another kernel; returns the number of differences."""
        differences = []
        if self.scripts:
            ours, complaints = self.run_scripts()
            theirs = self.run_scripts(kernel)[0] if kernel else self.recorded_scripts()
            differences += conform_compare.find("script", ours, theirs, [script.name for script in self.scripts])
            report_complaints(complaints)
            steps = sum(len(result.codes) for result in ours.values())
            say(f"{self.preset}: {plural(len(self.scripts), 'script')}, {plural(steps, 'step')}")
        if self.seeds:
            first, last = self.seeds
            ours, complaints = self.run_seeds(first, last)
            tally = self.tally
            theirs = self.run_seeds(first, last, kernel)[0] if kernel else self.recorded_seeds(first, last)
            differences += conform_compare.find("seed", ours, theirs, range(first, last + 1))
            report_complaints(complaints)
            say(f"{self.preset}: {plural(last - first + 1, 'random script')}, {shares(ours.values())}")
            print_tally(tally)
        for index, difference in enumerate(differences[:20]):
            conform_compare.explain(self, difference, kernel, shrinks=index < SHRUNK)
        say(f"{self.preset}: {plural(len(differences), 'difference')} to "
            + (paths.shown(kernel) if kernel else self.recording.about.get("kernel", "nothing")))
        return len(differences)

    def recorded_scripts(self):
        recorded = {}
        for script in self.scripts:
            key, result = self.recording.scripts.get(script.name, (None, None))
            if key is None:
                raise Failure(f"script {script.name!r} is not recorded for {self.preset}: record it with --record.")
            if key != conform_record.script_key(script):
                raise Failure(f"script {script.name!r} changed since it was recorded for {self.preset}: record it again.")
            recorded[script.name] = result
        return recorded

    def recorded_seeds(self, first, last):
        missing = [seed for seed in range(first, last + 1) if seed not in self.recording.seeds]
        if missing:
            raise Failure(f"seed {missing[0]} is not recorded for {self.preset}: record it with --record, or compare "
                          "with --kernel FILE.")
        if self.generator not in (None, self.recording.about["generator"]):
            raise Failure(f"user/conform makes other random steps ({self.generator}) than when the seeds were recorded for "
                          f"{self.preset} ({self.recording.about['generator']}): record them again with --record.")
        return {seed: self.recording.seeds[seed] for seed in range(first, last + 1)}

    def show(self, what):
        if what.isdigit():
            jobs, options = [seeds_job(int(what), int(what), self.steps, VERBOSE)], None
        else:
            scripts = [script for script in read_scripts(self.assembler, what, self.files)]
            if not scripts:
                raise Failure(f"--show {what}: no script is called so.")
            jobs = [b"".join(script_job(i, script.steps, script.options | VERBOSE) for i, script in enumerate(scripts))]
        results, complaints = self.run_jobs(jobs)
        for result in results.values():
            conform_compare.print_details(self.assembler, result)
        report_complaints(complaints)


def twice(measure):
    """What is to be recorded: measured two times, so that nothing is recorded that depends on time."""
    (first, complaints), (second, more) = measure(), measure()
    refuse(complaints + more)
    for name, result in first.items():
        refuse_change(result, second[name])
    return first


def refuse(complaints):
    if complaints:
        raise Failure(f"the recording failed: {complaints[0]}")


def refuse_change(first, second):
    if first.total != second.total:
        raise Failure(f"{first.kind} {first.name} is not the same in two runs: it depends on time. Change it, or the program.")


def report_complaints(complaints):
    for complaint in complaints:
        say(f"a run did not come to its end: {complaint}")


def print_tally(tally):
    """How many objects of each type random scripts made, used and removed."""
    for name, counts in tally.items():
        say(f"    {name:18} made {counts['made']:7}  used {counts['used']:7}  removed {counts['removed']:7}"
            if name not in FROM_BOOT else f"    {name:18} from boot     used {counts['used']:7}")


def unreached(tally):
    """What of the types of objects random scripts did not do: (type, made or used or removed)."""
    return [(name, what) for name, counts in tally.items() for what in ("made", "used", "removed")
            if counts[what] == 0 and (what == "used" or name not in FROM_BOOT)]


def shares(results):
    """How the steps ended."""
    counts = collections.Counter(outcome for result in results for outcome in result.outcomes)
    total = max(1, sum(counts.values()))
    good = sum(counts[outcome] for outcome in conform_image.SUCCESSES)
    return f"{plural(total, 'step')}, {100 * good / total:.0f} % of them successful"
