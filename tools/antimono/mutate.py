# SPDX-License-Identifier: GPL-2.0-only
"""antimono mutate: damages the kernel in small ways and sees whether the host tests notice."""
import difflib
import json
import pathlib
import random
import re
import resource
import subprocess
import time

from antimono import config, mutants, packages, paths, seeded
from antimono.report import Failure, plural, say
from antimono.source_copy import SourceCopy

HELP = "damage the kernel in small ways and see whether the tests notice"
DESCRIPTION = """\
Makes mutants of kernel/ and frame/core: one small change each, by rule (tools/antimono/mutants.py). Each is compiled in a copy of
the source, and the host tests run against it, cheapest first, until one fails. What no test noticed is listed with its
difference. With --seeded it does the same with the deliberate defects in tests/seeded, each of which must be noticed.
"""
EPILOG = """\
examples:
  ./antimono mutate --sample 200            200 mutants, chosen at random
  ./antimono mutate --only kernel/ipc       all mutants of one directory
  ./antimono mutate --survivors             those again that survived the last run, after tests were written
  ./antimono mutate --seeded                the deliberate defects
  ./antimono mutate --seeded missed-tlb     one of them

The copy is build/mutation/source; what came of each mutant goes to build/mutation/results.json. docs/mutation.md explains
survivors.
"""

HOME = paths.BUILD / "mutation"
COPY = SourceCopy(HOME / "source", HOME / "build")
RESULTS = HOME / "results.json"
#: In the results, of a mutant that no test noticed; others have what the first failing test said.
SURVIVED = "survived"
#: A test counts as hanging after so many times the processor seconds that it takes without a mutant, and at least so many.
PATIENCE, LEAST_PATIENCE = 3, 2
#: Without any measure; and the longest that anything may wait for processor time.
MOST_PATIENCE, MOST_WAITING = 20, 400
#: Bytes of address space; the largest modelled machine has 8 GiB.
MEMORY = 24 << 30


def add_arguments(parser):
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants, chosen at random (default: all)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="start of the random numbers (default: 1)")
    parser.add_argument("--only", default="", metavar="PATH", help="only mutants of files whose path begins so")
    parser.add_argument("--rule", default="", metavar="RULE", help="only mutants by this rule, 'off by one' for instance")
    parser.add_argument("--survivors", nargs="?", const=RESULTS, type=pathlib.Path, metavar="FILE",
                        help="only mutants that survived, says FILE (default: the last run's)")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    parser.add_argument("--seeded", nargs="?", const="", metavar="NAME",
                        help="the deliberate defects, or those whose name begins so")


def run(options):
    if options.seeded is None:
        chosen = choose(options)
        if options.list:
            candidates, wanted = chosen
            for mutant in candidates[:wanted]:
                say(mutant.name)
            say(plural(len(candidates[:wanted]), "mutant"))
            return 0
    patches = [] if options.seeded is None else seeded.patches(options.seeded)
    if options.list:
        for patch in patches:
            say(patch.name)
        return 0
    packages.ensure("build")
    tree = Tree()
    tree.prepare()
    return run_seeded(tree, patches) if patches else run_mutants(tree, chosen)


def choose(options):
    everything = []
    for path in sorted([*(paths.ROOT / "kernel").rglob("*.?pp"), *(paths.ROOT / "frame" / "core").rglob("*.cpp")]):
        name = str(path.relative_to(paths.ROOT))
        if name.startswith(options.only):
            everything += mutants.mutants_of(name, path.read_text(encoding="utf-8"))
    everything = [mutant for mutant in everything if options.rule in ("", mutant.rule)]
    if not everything:
        raise Failure(f"no mutant of {options.only or 'kernel/ and frame/core'}{' by that rule' if options.rule else ''}.")
    if options.survivors:
        return survivors_of(options.survivors, everything), None
    if options.sample is not None:
        if options.sample < 1:
            raise Failure("--sample takes a number above 0.")
        # In the order drawn: some do not compile, and others take their place.
        return random.Random(options.seed).sample(everything, len(everything)), options.sample
    return everything, None


def survivors_of(file, everything):
    """The mutants of which a results file says that they survived; lines may have moved since."""
    try:
        records = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{paths.shown(file)}: {error}. A run of this command writes it.") from None
    wanted = {(record["mutant"].split(":")[0], record["difference"]) for record in records
              if record["result"] == SURVIVED}
    files = {path for path, _ in wanted}
    originals = {path: (paths.ROOT / path).read_text(encoding="utf-8") for path in files if (paths.ROOT / path).is_file()}
    found = {(mutant.path, difference(mutant, originals[mutant.path])): mutant for mutant in everything
             if mutant.path in originals}
    for path, text in sorted(wanted - found.keys()):
        say(f"no longer to be made, since the source has changed: {path}\n{text}")
    chosen = [found[key] for key in sorted(wanted & found.keys())]
    if not chosen:
        raise Failure(f"{paths.shown(file)} knows no survivor that can be made now.")
    return chosen


class Tree:
    """The copy of the source, and its build."""

    def __init__(self):
        self.patience = {}  # stage -> processor seconds after which it counts as hanging

    def prepare(self):
        """Brings the copy up to date, builds it, and makes sure that all tests pass without a mutant."""
        COPY.refresh()
        started = time.monotonic()
        if not (COPY.binary / "build.ninja").exists():
            COPY.tool(["cmake", "--preset", config.MUTATION, "-B", COPY.binary], "configuring the copy")
        log = COPY.compile(COPY.binary, "all_tests")
        if log is not None:
            raise Failure(f"the copy in {paths.shown(COPY.root)} does not build without a mutant:\n{log[-3000:]}")
        say(f"built the copy in {time.monotonic() - started:.0f} s")
        started = time.monotonic()
        reason = self.test(measure=True)
        if reason is not None:
            raise Failure(f"a test fails without any mutant: {reason}")
        say(f"all tests pass without a mutant, in {time.monotonic() - started:.1f} s")

    def test(self, measure=False):
        """Runs the tests, cheapest first; returns what the first failure says, or None. Learns how long each may take."""
        built = None
        for target, name, arguments in STAGES:
            if target != built and (log := COPY.compile(COPY.binary, target)) is not None:
                raise DoesNotCompile(log)
            built = target
            before = processor_seconds()
            reason = execute(COPY.binary / name, arguments, self.patience.get((name, *arguments), MOST_PATIENCE))
            if measure:
                usual = processor_seconds() - before
                self.patience[(name, *arguments)] = max(LEAST_PATIENCE, round(PATIENCE * usual + 1))
            if reason is not None:
                return f"{name.rsplit('/')[-1]}: {reason}"
        return None


class DoesNotCompile(Exception):
    pass


TRACES = [f"tests/fuzz/traces/{path.name}" for path in sorted((paths.ROOT / "tests" / "fuzz" / "traces").glob("*.trace"))]
#: Target, program and arguments, in the order in which they are worth trying.
STAGES = (
    *(("system_calls", "fuzz/system_calls", ["--replay", path]) for path in TRACES),
    ("system_calls", "fuzz/system_calls", ["--recorded", "tests/fuzz/recorded", "tests/fuzz/corpus/system_calls"]),
    ("unit_tests", "unit/unit_tests", ["--first-failure"]),
    ("exhaustive", "fuzz/exhaustive", ["4"]),
    ("capabilities", "fuzz/capabilities", ["tests/fuzz/corpus/capabilities"]),
    ("boot_inputs", "fuzz/boot_inputs", ["tests/fuzz/corpus/boot_inputs"]),
)
REASON = re.compile(r"^(?:not ok (?P<test>.*)|(?P<invariant>invariant [^\n]*)|(?P<panic>kernel panic: [^\n]*)"
                    r"|(?P<recorded>[^\n]* differs from the recording [^\n]*)|(?P<hardening>.*Hardening assertion.*))$",
                    re.MULTILINE)


def processor_seconds():
    """Of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def limit(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def execute(program, arguments, seconds=MOST_PATIENCE):
    """None if the program ends well, else why it did not."""
    try:
        done = subprocess.run([program, *arguments], cwd=COPY.root, capture_output=True, text=True, errors="replace",
                              check=False, timeout=MOST_WAITING, preexec_fn=lambda: limit(seconds),
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode == 0:
        return None
    found = REASON.search(done.stdout + done.stderr)
    if found:
        return re.sub(r" # [0-9.]+ s$", "", next(filter(None, found.groups())))
    return "hangs" if done.returncode in (-24, -9) else f"status {done.returncode}"


def run_mutants(tree, chosen):
    candidates, wanted = chosen
    started, killed, survivors, broken, records = time.monotonic(), 0, [], 0, []
    for mutant in candidates:
        if wanted is not None and killed + len(survivors) == wanted:
            break
        original = (paths.ROOT / mutant.path).read_text(encoding="utf-8")
        (COPY.root / mutant.path).write_text(mutant.apply(original), encoding="utf-8")
        began = time.monotonic()
        try:
            reason = tree.test()
        except DoesNotCompile:
            broken += 1
            records.append({"mutant": mutant.name, "result": "does not compile"})
            continue
        finally:
            COPY.restore([mutant.path])
        seconds = time.monotonic() - began
        if reason is None:
            survivors.append(mutant)
        else:
            killed += 1
        total = killed + len(survivors)
        records.append({"mutant": mutant.name, "result": reason or SURVIVED, "seconds": round(seconds, 1),
                        "difference": difference(mutant, original)})
        RESULTS.write_text(json.dumps(records, indent=1), encoding="utf-8")
        say(progress(total, wanted or len(candidates) - broken, killed, time.monotonic() - started)
            + f"  {mutant.path}:{mutant.line} {mutant.rule}: {reason or 'SURVIVED'}"[:200])
    total = killed + len(survivors)
    if total == 0:
        raise Failure(f"none of {plural(broken, 'mutant')} compiles.")
    say()
    for mutant in survivors:
        say(f"survived: {mutant.path}:{mutant.line}, {mutant.rule}")
        say(difference(mutant, (paths.ROOT / mutant.path).read_text(encoding="utf-8")))
    seconds = time.monotonic() - started
    say(f"{plural(total, 'mutant')} in {seconds:.0f} s ({seconds / total:.1f} s each), {broken} more did not compile: "
        f"{killed} killed ({100 * killed / total:.0f} %), {len(survivors)} survived")
    return 0


def progress(total, wanted, killed, seconds):
    """Where a run is: how many, how fast, how long still."""
    left = (wanted - total) * seconds / total
    return (f"{total}/{wanted}  {killed} killed ({100 * killed / total:.0f} %)  {60 * total / seconds:.1f} a minute  "
            f"{left / 60:.0f} min left")


def difference(mutant, original):
    lines = difflib.unified_diff(original.splitlines(), mutant.apply(original).splitlines(), n=1, lineterm="")
    return "\n".join(f"    {line}" for line in list(lines)[2:] if not line.startswith("@@"))


def run_seeded(tree, patches):
    missed = []
    started = time.monotonic()
    for patch in patches:
        began = time.monotonic()
        try:
            with COPY.patched(patch):
                reason = tree.test()
        except DoesNotCompile as log:
            raise Failure(f"{paths.shown(patch.path)} does not compile:\n{str(log)[-3000:]}") from None
        expected = patch.field("Caught by")
        good = reason is not None and re.search(expected, reason)
        if not good:
            missed.append(patch.name)
        say(f"{'caught' if good else 'MISSED'}  {patch.name}: {reason or 'all tests pass'}  # {time.monotonic() - began:.1f} s"
            + ("" if good or reason is None else f"\n        expected: {expected}"))
    say(f"{len(patches) - len(missed)} of {plural(len(patches), 'seeded defect')} caught in {time.monotonic() - started:.0f} s")
    return 1 if missed else 0
