# SPDX-License-Identifier: GPL-2.0-only
"""Everything recorded of the seL4 kernel, held against ours (`./antimono conform` explains differences)."""
import sys

from antimono import conform, conform_pairs, conform_record
from antimono.report import say
from antimono.suite import Suite, expect, fail

#: The least that a recording has to hold: scripts, random scripts, their steps, and how many in a hundred of these succeed.
SCRIPTS, STEPS, SUCCESSFUL = 100, 200, 50
SEEDS = {"sim-release": 2000, "sim-debug": 256, "sim-domains": 256}

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


suite.add("every documented error of every invocation is reached", check_pairs)
for name in conform.PRESETS:
    suite.add(f"the recording is of seL4 16.0.0 and large enough, {name}", lambda preset=name: check_recording(preset))
    suite.add(f"scripts, {name}", lambda preset=name: check_scripts(preset))
    suite.add(f"random scripts, {name}", lambda preset=name: check_seeds(preset))

if __name__ == "__main__":
    sys.exit(suite.main(jobs=1))
