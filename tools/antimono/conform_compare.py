# SPDX-License-Identifier: GPL-2.0-only
"""Where two kernels differ: side by side, step by step, and with the smallest script that still differs."""
import concurrent.futures
import dataclasses
import time

from antimono import conform_image
from antimono.conform_image import DETAIL, LARGE, MOST_JOINED, OUTCOMES, REGISTERS, VERBOSE, script_job, seeds_job
from antimono.conform_script import THREADS, step_from_text
from antimono.report import plural, say

#: The scripts of one boot while a smaller one is looked for, how long a boot may take, and the search.
CANDIDATES, CANDIDATE_SECONDS, SHRINK_SECONDS = 24, 30, 180


@dataclasses.dataclass
class Difference:
    kind: str
    name: object
    step: int | None  #: the first step that differs; None if the kernel did not get to the script's end
    ours: object
    theirs: object


def find(kind, ours, theirs, names):
    """Differences of Results, name by name."""
    found = []
    for name in names:
        mine, other = ours.get(name), theirs.get(name)
        if mine is None or other is None:
            found.append(Difference(kind, name, None, mine, other))
        elif mine.total != other.total or mine.codes != other.codes:
            pairs = zip(mine.codes, other.codes)
            step = next((i for i, (a, b) in enumerate(pairs) if a != b), len(mine.codes) - 1)
            found.append(Difference(kind, name, step, mine, other))
    return found


def explain(session, difference, kernel, shrinks=True):
    """Prints what is known of a difference; with another kernel at hand, all of it, and if it `shrinks` the smallest script."""
    head = f"DIFFERENT {session.preset}: {difference.kind} {difference.name}"
    if difference.step is None:
        missing = "ours" if difference.ours is None else "the other kernel"
        if difference.ours is not None or not (kernel and shrinks):
            say(f"{head}: {missing} did not get to its end")
            return
    steps, options = steps_of(session, difference)
    step = difference.step if difference.step is not None else len(steps) - 1
    if difference.step is None:
        say(f"{head}: ours did not get beyond step {step}: {session.assembler.text(steps[step])}")
    else:
        ours, theirs = (OUTCOMES[result.outcomes[step]] for result in (difference.ours, difference.theirs))
        say(f"{head}, step {step}: {session.assembler.text(steps[step])}")
        say(f"    ours: {ours}; expected: {theirs}" + (" (the same, with other values)" if ours == theirs else ""))
    if kernel is None:
        ours = verbose(session, [steps[:step + 1]], options, None)[0]
        for line in details_of(ours, step):
            say(f"    ours {line}")
        say("    (`--kernel FILE` with that kernel shows both sides and the smallest script that differs)")
    elif shrinks:
        show_smallest(session, steps[:step + 1], options, kernel)


def show_smallest(session, steps, options, kernel):
    """Prints the smallest script found that differs, in the language of scripts, with what differs as comments."""
    def differ(candidates):
        return differing(session, candidates, options, kernel)

    if not differ([steps])[0]:
        say("    alone it does not differ: it depends on what ran before")
        return
    smallest, complete = shrink(steps, differ)
    say(f"    the smallest script that {'differs' if complete else f'was found to differ in {SHRINK_SECONDS} s'} has "
        f"{plural(len(smallest), 'step')}; with these lines in a file it runs by `--scripts FILE`:")
    say("script smallest")
    if options & LARGE:
        say("large")
    ours = verbose(session, [smallest], options, None)[0]
    theirs = verbose(session, [smallest], options, kernel)[0]
    for index, one in enumerate(smallest):
        say(session.assembler.text(one))
        if ours is None or theirs is None:
            continue
        mine, other = (details_of(result, index) for result in (ours, theirs))
        for left, right in unequal(mine, other) if mine != other else ():
            say(f"    # ours    {left}")
            say(f"    # theirs  {right}")
    for who, result in (("ours does", ours), ("theirs does", theirs)):
        if result is None:
            say(f"    # {who} not get to the end")


def unequal(mine, other):
    """Pairs of lines that differ, aligned by place."""
    length = max(len(mine), len(other))
    pairs = zip(mine + ["(nothing)"] * (length - len(mine)), other + ["(nothing)"] * (length - len(other)))
    return [pair for pair in pairs if pair[0] != pair[1]]


def steps_of(session, difference):
    """(the steps of a script or seed, those up to where ours ends if it does not get to the end; its options)."""
    if difference.kind == "script":
        script = next(script for script in session.scripts if script.name == difference.name)
        steps, options = script.steps, script.options
        if difference.ours is not None:
            return steps, options
        job = script_job(0, steps, options | VERBOSE)
    else:
        steps, options = None, LARGE if difference.name % 8 == 0 else 0
        job = seeds_job(difference.name, difference.name, session.steps, VERBOSE)
    outcome = conform_image.run(session.configuration, job, timeout=CANDIDATE_SECONDS)
    begun = [rest for letter, _, _, _, rest in DETAIL.findall(outcome.text) if letter == "t"]
    if difference.kind == "script":
        return steps[:len(begun) + MOST_JOINED], options  # joined steps are told when they have ended
    return [step_from_text(text) for text in begun], options


def verbose(session, scripts, options, kernel):
    """The Results, with details, of lists of steps; None where there is none."""
    jobs = b"".join(script_job(i, steps, options | VERBOSE) for i, steps in enumerate(scripts))
    outcome = conform_image.run(session.configuration, jobs, kernel, CANDIDATE_SECONDS)
    return [outcome.results.get(("script", i)) for i in range(len(scripts))]


# -- A smaller script --------------------------------------------------------------------------------------------------

def differing(session, candidates, options, kernel):
    """For each list of steps whether the kernels differ. A kernel that ends in the middle of one differs there, and boots again
    for those behind it."""
    def results_of(which):
        results, first = [], 0
        while first < len(candidates):
            jobs = b"".join(script_job(i, candidate, options) for i, candidate in enumerate(candidates[first:]))
            outcome = conform_image.run(session.configuration, jobs, which, CANDIDATE_SECONDS)
            found = [outcome.results.get(("script", i)) for i in range(len(candidates) - first)]
            ended = next((i + 1 for i, result in enumerate(found) if result is None), len(found))
            results += [result.total if result else None for result in found[:ended]]
            first += ended
        return results

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(results_of, (None, kernel))
    return [mine != other for mine, other in zip(ours, theirs)]


def shrink(steps, differ, seconds=SHRINK_SECONDS):
    """(the smallest part of the steps found that still differs, whether nothing can be left out). Leaves out ever smaller
    pieces, all those together that can be left out each, as Zeller's ddmin does one by one. `differ` takes lists of steps and
    says of each whether it differs."""
    end = time.monotonic() + seconds
    piece = max(1, len(steps) // 2)
    while True:
        starts = list(range(0, len(steps), piece)) if len(steps) > 1 else []
        needless = []
        for at in range(0, len(starts), CANDIDATES):
            if time.monotonic() > end:
                return steps, False
            part = starts[at:at + CANDIDATES]
            found = differ([without(steps, [start], piece) for start in part])
            needless += [start for start, still in zip(part, found) if still]
        smaller = together(steps, needless, piece, differ)
        if smaller is not None:
            steps = smaller
            piece = min(piece, max(1, len(steps) // 2))
        elif piece == 1:
            return steps, True
        else:
            piece //= 2


def without(steps, starts, piece):
    gone = {index for start in starts for index in range(start, start + piece)}
    return [step for index, step in enumerate(steps) if index not in gone]


def together(steps, starts, piece, differ):
    """The steps without as many of these pieces as can be left out at once; None without any to leave out."""
    while len(starts) > 1:
        candidate = without(steps, starts, piece)
        if candidate and differ([candidate])[0]:
            return candidate
        starts = starts[len(starts) // 2:]  # the later, the less depends on it
    return without(steps, starts, piece) if starts else None


# -- Details in words --------------------------------------------------------------------------------------------------

def details_of(result, step):
    """What was seen at one step, a line for each thing."""
    lines = []
    for letter, number, text in result.details:
        if number != step:
            continue
        if letter == "o":
            lines.append(f"-> {OUTCOMES[int(text)]}")
        elif letter == "w":
            lines.append(words_in_text(text))
    return lines


def words_in_text(text):
    thread, caption, *values = text.split()
    pairs = [value.split("=") for value in values]
    who = THREADS[int(thread)] if int(thread) < len(THREADS) else f"window {thread}"
    if caption == "registers":
        registers = {REGISTERS[int(index)]: int(value, 16) for index, value in pairs}
        info = registers.pop("rsi", 0)
        badge = registers.pop("rdi", 0)
        head = f"{who} returns: label {info >> 12}, {info & 0x7f} words, {info >> 7 & 3} caps, badge {badge:#x}; "
        return head + " ".join(f"{name}={registers.get(name, 0):x}" for name in REGISTERS if name not in ("rsi", "rdi"))
    if caption == "buffer":
        return f"{who} buffer: " + " ".join(f"[{index}]={value}" for index, value in pairs)
    return f"{caption} from {thread}: " + " ".join(f"{index}={value}" for index, value in pairs)


def print_details(assembler, result):
    """A whole script."""
    say(f"{result.kind} {result.name}, {len(result.codes)} steps, digest {result.total:016x}")
    for step, text in ((number, text) for letter, number, text in result.details if letter == "t"):
        say(f"{step:4} {assembler.text(step_from_text(text))}")
        for line in details_of(result, step):
            say(f"         {line}")
