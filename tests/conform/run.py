# SPDX-License-Identifier: GPL-2.0-only
"""Everything recorded of the seL4 kernel, held against ours (`./antimono conform` explains differences)."""
import sys

import pathlib
import tempfile

from antimono import config, conform, conform_compare, conform_image, conform_pairs, conform_record
from antimono.conform_script import step_from_text
from antimono.report import say
from antimono.suite import Suite, expect, fail

#: The least that a recording has to hold: scripts, random scripts, their steps, and how many in a hundred of these succeed.
SCRIPTS, STEPS, SUCCESSFUL = 100, 200, 50
SEEDS = {"sim-release": 2000, "sim-debug": 256, "sim-domains": 256}

#: Random scripts whose steps are printed.
TEXT_SEEDS = (0, 15)

suite = Suite()


def differences_of(found):
    lines = [f"{difference.kind} {difference.name}, step {difference.step}" for difference in found]
    fail(f"{len(found)} differ from the recording; `./antimono conform` says more\n" + "\n".join(lines[:20]))


def check_scripts(preset):
    session = conform.Session(preset)
    ours, complaints = session.run_scripts()
    found = conform.conform_compare.find("script", ours, session.recorded_scripts(), [s.name for s in session.scripts])
    if complaints:
        fail(complaints[0])
    if found:
        differences_of(found)
    unexpected = [f"{script.name}, line {line.number}: {line.text}" for script in session.scripts
                  for line, outcome in zip(script.lines, ours[script.name].outcomes)
                  if line.expected and line.expected != conform.conform_image.OUTCOMES[outcome]]
    expect(not unexpected, "\n".join([f"{len(unexpected)} steps end otherwise than the scripts say", *unexpected[:20]]))
    say(f"note {preset}: {len(session.scripts)} scripts, {sum(len(result.codes) for result in ours.values())} steps")


def check_seeds(preset):
    session = conform.Session(preset)
    first, last = session.seeds
    ours, complaints = session.run_seeds(first, last)
    if complaints:
        fail(complaints[0])
    found = conform.conform_compare.find("seed", ours, session.recorded_seeds(first, last), range(first, last + 1))
    if found:
        differences_of(found)
    # What follows from the steps alone holds for the recording, too, as nothing differs.
    missing = conform.unreached(session.tally)
    expect(session.tally and not missing, "random scripts leave out:\n" + "\n".join(f"{name} {what}" for name, what in missing))
    say(f"note {preset}: seeds {first}..{last}, {conform.shares(ours.values())}; each of the "
        f"{len(session.tally)} types of objects made, used and removed")


def check_recording(preset):
    recording = conform_record.Recording(preset)
    expect(recording.about.get("kernel") == "seL4 16.0.0", f"recorded from {recording.about.get('kernel', 'nothing')}")
    expect(recording.about["configuration"] == preset, f"recorded with {recording.about['configuration']}")
    expect(len(recording.scripts) >= SCRIPTS, f"only {len(recording.scripts)} scripts are recorded")
    expect(len(recording.seeds) >= SEEDS[preset], f"only {len(recording.seeds)} random scripts are recorded")
    lengths = {len(result.codes) for result in recording.seeds.values()}
    expect(min(lengths) >= STEPS, f"random scripts of {min(lengths)} steps")
    outcomes = [outcome for result in recording.seeds.values() for outcome in result.outcomes]
    good = sum(outcome in conform.conform_image.SUCCESSES for outcome in outcomes)
    expect(100 * good >= SUCCESSFUL * len(outcomes), f"only {100 * good // len(outcomes)} % of the steps succeed")


def check_pairs():
    table = conform_pairs.table("sim-release")
    say(f"note {table.summary()}")
    expect(not table.missing, "\n".join([f"{len(table.missing)} documented errors are neither reached nor excused",
                                         *(f"{method}: {error}" for method, error in table.missing)]))
    expect(not table.needless, "\n".join(["reached although unreachable.json says that it cannot be",
                                          *(f"{method}: {error}" for method, error in table.needless)]))


def check_texts():
    """What is printed of a step means the same step: scripts that are printed can be run."""
    session = conform.Session("sim-release")
    outcome = conform_image.run(session.configuration, conform_image.seeds_job(*TEXT_SEEDS, 220, conform_image.VERBOSE))
    steps = [step_from_text(text) for result in outcome.results.values() for letter, _, text in result.details if letter == "t"]
    expect(len(steps) == 220 * (TEXT_SEEDS[1] - TEXT_SEEDS[0] + 1), f"only {len(steps)} random steps")
    steps += [step for script in session.scripts for step in script.steps[:100]]
    with tempfile.TemporaryDirectory(prefix="antimono-conform-") as scratch:
        path = pathlib.Path(scratch) / "steps.txt"
        lines = [session.assembler.text(step) for step in steps]
        path.write_text("\n".join(["script all", *lines]), encoding="utf-8")
        again = session.assembler.read(path)[0].steps
    expect(len(again) == len(steps), f"{len(steps)} steps became {len(again)}")
    other = [f"{line}: {step} became {new}" for line, step, new in zip(lines, steps, again) if step.encoded() != new.encoded()]
    expect(not other, "\n".join([f"{len(other)} of {len(steps)} steps are not what is printed of them", *other[:20]]))


def check_search():
    """The search for the smallest script that differs, with a rule for what differs: three steps in their order, and one of
    two others."""
    tried = []

    def differ(candidates):
        tried.extend(candidates)
        return [[step for step in candidate if step in (3, 50, 170)] == [3, 50, 170] and (80 in candidate or 81 in candidate)
                for candidate in candidates]

    smallest, complete = conform_compare.shrink(list(range(220)), differ)
    expect(complete and smallest in ([3, 50, 80, 170], [3, 50, 81, 170]), f"found {smallest}")
    expect(len(tried) < 400, f"tried {len(tried)} scripts")
    smallest, complete = conform_compare.shrink(list(range(220)), differ, seconds=0)
    expect(not complete and len(smallest) == 220, "the search goes on although its time is over")


def check_smallest():
    """Two kernels that differ: debug calls exist in one of them only. Put into a random script, they alone are left."""
    session = conform.Session("sim-release", seeds=(3, 3))
    other = config.resolve("sim-debug").kernel
    steps, options = conform_compare.steps_of(session, conform_compare.Difference("seed", 3, 0, object(), object()))
    path = conform_record.SCRIPTS / "11-debug.txt"
    script = next(script for script in session.assembler.read(path) if script.name == "debugging calls of a release kernel")
    planted = [step for step in steps if step.thread != 0]
    planted[100:100] = [step for step in script.steps[:1]]
    found = differing_alone(session, steps, options, other)
    expect(not found, "the random script differs without the step that is to make it differ")
    smallest, complete = conform_compare.shrink(planted, lambda candidates: conform_compare.differing(
        session, candidates, options, other))
    texts = [session.assembler.text(step) for step in smallest]
    expect(complete and texts == [session.assembler.text(script.steps[0])], f"left: {texts}")


def differing_alone(session, steps, options, other):
    return conform_compare.differing(session, [steps], options, other)[0]


suite.add("every documented error of every invocation is reached", check_pairs)
suite.add("what is printed of a step is that step", check_texts)
suite.add("the search for the smallest script that differs", check_search)
suite.add("the smallest script that differs on two kernels", check_smallest)
for name in conform.PRESETS:
    suite.add(f"the recording is of seL4 16.0.0 and large enough, {name}", lambda preset=name: check_recording(preset))
    suite.add(f"scripts, {name}", lambda preset=name: check_scripts(preset))
    suite.add(f"random scripts, {name}", lambda preset=name: check_seeds(preset))

if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
