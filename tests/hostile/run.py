# SPDX-License-Identifier: GPL-2.0-only
"""Short runs of user/hostile with fixed seeds (`./antimono hostile` makes long ones).

The program itself decides whether anything was lost; here it is made sure that it did what it says.
"""
import re
import sys

from antimono import config, hostile
from antimono.suite import Suite, expect, expect_in, fail

CALLS = 60_000
SECONDS = 140
#: Below this share of successes the calls would not get far enough to be worth much.
LEAST_PERCENT = 25
#: Invocations of each label that must have been made, and the least part of labels that must have succeeded at times.
LEAST_PER_LABEL = CALLS // 1000

suite = Suite()
LABEL = re.compile(r"^  (\w+) +(\d+): (.*)$", re.MULTILINE)
TOTAL = re.compile(r"^hostile: (\d+) calls, of them (\d+) invocations, of which (\d+) \((\d+) %\) succeeded$", re.MULTILINE)


def labels_of(text):
    """label -> (number of invocations, number of successes)"""
    table = text.partition("invocations by label and answer\n")[2].partition("hostile:")[0]
    result = {}
    for name, count, answers in LABEL.findall(table):
        success = re.search(r"\bNoError (\d+)", answers)
        result[name] = (int(count), int(success[1]) if success else 0)
    return result


def check(seed):
    configuration = config.resolve(hostile.PRESET)
    outcome = hostile.run_image(configuration, CALLS, seed, timeout=SECONDS, sink=lambda text: None)
    text = outcome.output.decode(errors="replace")
    if (outcome.kind, outcome.status) != ("exited", 0):
        fail(f"{outcome.sentence()}\n{text[-3000:]}")
    expect_in("hostile: nothing is lost", text, "output")
    total = TOTAL.search(text)
    expect(total is not None, f"no total\n{text[-3000:]}")
    expect(int(total[1]) >= CALLS, f"only {total[1]} calls of {CALLS}")
    expect(int(total[4]) >= LEAST_PERCENT, f"only {total[4]} % of the invocations succeeded")
    labels = labels_of(text)
    invocations = configuration_labels(configuration)
    for label in invocations:
        count, successes = labels.get(label, (0, 0))
        expect(count >= LEAST_PER_LABEL, f"{label} was invoked {count} times only")
        expect(successes > 0, f"{label} never succeeded in {count} invocations")


def configuration_labels(configuration):
    """Every invocation label of the configuration, as libsel4's headers have them."""
    headers = configuration.build_dir / "abi-generated" / "libsel4" / "include" / "sel4"
    names = set()
    for path in headers.rglob("invocation.h"):
        names.update(re.findall(r"^    (\w+) = \d+,$", path.read_text(encoding="utf-8"), re.MULTILINE))
    return sorted(name for name in names if not re.match(r"n\w*Labels$|InvalidInvocation$", name))


for number in (1, 2):
    suite.add(f"{CALLS} calls with seed {number}", lambda seed=number: check(seed))

if __name__ == "__main__":
    sys.exit(suite.main())
