# SPDX-License-Identifier: GPL-2.0-only
"""Where two kernels differ: side by side, step by step, and with the smallest script that still differs."""
import dataclasses

from antimono import conform_image
from antimono.conform_image import LARGE, OUTCOMES, VERBOSE, script_job, seeds_job
from antimono.conform_script import THREADS, step_from_text
from antimono.report import say

#: The scripts of one boot while a smaller one is looked for.
CANDIDATES = 24
REGISTERS = ("rax", "rbx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r12", "r13", "r14", "r15")


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


def explain(session, difference, kernel):
    """Prints what is known of a difference; with another kernel at hand, all of it."""
    head = f"DIFFERENT {session.preset}: {difference.kind} {difference.name}"
    if difference.step is None:
        missing = "ours" if difference.ours is None else "the other kernel"
        say(f"{head}: {missing} did not get to its end")
        return
    steps, options = steps_of(session, difference)
    step = difference.step
    ours, theirs = (OUTCOMES[result.outcomes[step]] for result in (difference.ours, difference.theirs))
    say(f"{head}, step {step}: {session.assembler.text(steps[step])}")
    say(f"    ours: {ours}; expected: {theirs}" + (" (the same, with other values)" if ours == theirs else ""))
    if kernel is None:
        ours = verbose(session, [steps[:step + 1]], options, None)[0]
        for line in details_of(session.assembler, ours, step):
            say(f"    ours {line}")
        say("    (`--kernel FILE` with that kernel shows both sides and the smallest script that differs)")
        return
    smallest = shrink(session, steps[:step + 1], options, kernel)
    say(f"    the smallest script that differs has {len(smallest)} steps:")
    ours = verbose(session, [smallest], options, None)[0]
    theirs = verbose(session, [smallest], options, kernel)[0]
    for index, one in enumerate(smallest):
        say(f"      {session.assembler.text(one)}")
        mine, other = (details_of(session.assembler, result, index) for result in (ours, theirs))
        if mine != other:
            for left, right in unequal(mine, other):
                say(f"        ours    {left}")
                say(f"        theirs  {right}")


def unequal(mine, other):
    """Pairs of lines that differ, aligned by place."""
    length = max(len(mine), len(other))
    pairs = zip(mine + ["(nothing)"] * (length - len(mine)), other + ["(nothing)"] * (length - len(other)))
    return [pair for pair in pairs if pair[0] != pair[1]]


def steps_of(session, difference):
    """(the steps of a script or seed, its options)."""
    if difference.kind == "script":
        script = next(script for script in session.scripts if script.name == difference.name)
        return script.steps, script.options
    job = seeds_job(difference.name, difference.name, session.steps, VERBOSE)
    outcome = conform_image.run(session.configuration, job)
    result = outcome.results["seed", difference.name]
    return ([step_from_text(text) for letter, _, text in result.details if letter == "t"],
            LARGE if difference.name % 8 == 0 else 0)


def verbose(session, scripts, options, kernel):
    """The Results, with details, of lists of steps."""
    jobs = b"".join(script_job(i, steps, options | VERBOSE) for i, steps in enumerate(scripts))
    outcome = conform_image.run(session.configuration, jobs, kernel)
    return [outcome.results["script", i] for i in range(len(scripts))]


def shrink(session, steps, options, kernel):
    """The smallest part of the steps found that still differs: takes out ever smaller pieces (Zeller's ddmin)."""
    def differing(candidates):
        jobs = b"".join(script_job(i, candidate, options) for i, candidate in enumerate(candidates))
        ours, theirs = (conform_image.run(session.configuration, jobs, which, 60).results for which in (None, kernel))
        for i, candidate in enumerate(candidates):
            mine, other = ours.get(("script", i)), theirs.get(("script", i))
            if mine is not None and other is not None and mine.total != other.total:
                return candidate
        return None

    piece = max(1, len(steps) // 2)
    while True:
        candidates = [steps[:at] + steps[at + piece:] for at in range(0, len(steps), piece)]
        candidates = [candidate for candidate in candidates if candidate]
        found = None
        for at in range(0, len(candidates), CANDIDATES):
            found = differing(candidates[at:at + CANDIDATES])
            if found is not None:
                break
        if found is not None:
            steps = found
            piece = min(piece, max(1, len(steps) // 2))
        elif piece == 1:
            return steps
        else:
            piece //= 2


# -- Details in words --------------------------------------------------------------------------------------------------

def details_of(assembler, result, step):
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
        for line in details_of(assembler, result, step):
            say(f"         {line}")
