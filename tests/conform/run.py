# SPDX-License-Identifier: GPL-2.0-only
"""Everything recorded of the seL4 kernel, held against ours (`./antimono conform` explains differences)."""
import sys

from antimono import conform, conform_pairs, conform_record
from antimono.report import say
from antimono.suite import Suite, expect, fail

#: The least that a recording has to hold for the first preset.
SCRIPTS, SEEDS, STEPS, SUCCESSFUL = 100, 2000, 200, 50

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


def check_seeds(preset, part, parts):
    session = conform.Session(preset, seeds=None)
    first, last = session.recording.about["seeds"]["first"], session.recording.about["seeds"]["last"]
    size = (last - first + parts) // parts
    mine = range(first + part * size, min(last + 1, first + (part + 1) * size))
    ours, complaints = session.run_seeds(mine[0], mine[-1])
    found = conform.conform_compare.find("seed", ours, session.recorded_seeds(mine[0], mine[-1]), mine)
    if complaints:
        fail(complaints[0])
    if found:
        differences_of(found)
    say(f"note {preset}: seeds {mine[0]}..{mine[-1]}, {conform.shares(ours.values())}")


def check_recording():
    recording = conform_record.Recording("sim-release")
    expect(recording.about["kernel"] == "seL4 16.0.0", f"recorded from {recording.about['kernel']}")
    expect(len(recording.scripts) >= SCRIPTS, f"only {len(recording.scripts)} scripts are recorded")
    expect(len(recording.seeds) >= SEEDS, f"only {len(recording.seeds)} random scripts are recorded")
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


suite.add("the recording is of seL4 16.0.0 and large enough", check_recording)
suite.add("every documented error of every invocation is reached", check_pairs)
for name in (name for name in conform.PRESETS if conform_record.Recording(name).about):
    suite.add(f"scripts, {name}", lambda preset=name: check_scripts(preset))
    if conform_record.Recording(name).seeds:
        suite.add(f"random scripts, {name}", lambda preset=name: check_seeds(preset, 0, 1))

if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
