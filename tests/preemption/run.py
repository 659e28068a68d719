# SPDX-License-Identifier: GPL-2.0-only
"""The longest run of kernel instructions in each scenario of user/preemption is within its bound, and a thread of the
highest priority that waits for interrupts really runs while the kernel works for another one.

Both are runs with virtual time tied to executed instructions, so figures repeat to the digit.
"""
import sys

from antimono import config, preemption, preemption_count
from antimono.suite import Suite, expect, once

#: Scenarios that must not only be short between preemption points, but have many of them.
LONG = {
    "revoke a capability with 4096 copies": 30,
    "revoke memory with 4096 objects": 30,
    "delete a CNode with 4096 capabilities": 30,
    "revoke 1024 CNodes, within each other in a ring": 30,
    "retype, with the memory to be cleared": 2000,
    "revoke an address space of 4096 pages": 30,
    "revoke 512 page tables that map nothing": 30,
}
#: Those that last long enough for at least this many interrupts of a timer of 10 kHz.
INTERRUPTED = {
    "revoke a capability with 4096 copies": 8,
    "revoke memory with 4096 objects": 20,
    "delete a CNode with 4096 capabilities": 8,
    "revoke 1024 CNodes, within each other in a ring": 12,
    "retype, with the memory to be cleared": 200,
    "revoke an address space of 4096 pages": 15,
}
#: Beyond the longest run: from noticing the interrupt to the first instruction of the thread that waits for it.
SWITCH = 5000
EXPECTED = 28

suite = Suite()


@once
def results(measure):
    configuration = config.resolve(preemption_count.PRESET)
    return measure(configuration, configuration.kernel)


def check_run(name):
    run = results(preemption_count.runs).get(name)
    expect(run is not None, "the scenario did not run")
    bound, _ = preemption.bound_of(name)
    expect(run.longest <= bound, f"{run.longest} instructions, bound {bound}\n{run.place()}")
    expect(run.looks >= LONG.get(name, 0), f"only {run.looks} looks for interrupts, expected {LONG.get(name)} at least")


def check_latency(name, least):
    latency = results(preemption_count.latencies).get(name)
    expect(latency is not None, "no interrupt came through")
    expect(latency.interrupts >= least, f"{latency.interrupts} interrupts were heard of, expected {least} at least")
    bound = preemption.bounds()[0] + SWITCH
    expect(latency.late <= bound, f"an interrupt was heard of {latency.late} instructions late, bound {bound}")


@suite.case("every scenario is measured")
def _():
    found = results(preemption_count.runs)
    expect(len(found) == EXPECTED, f"{len(found)} scenarios ran, expected {EXPECTED}: {sorted(found)}")
    for name in (*LONG, *INTERRUPTED, *preemption.bounds()[1]):
        expect(name in found, f"no scenario is called {name!r}")


for scenario in preemption_count.scenario_names():
    suite.add(f"longest run: {scenario}", lambda name=scenario: check_run(name))
for scenario, interrupts in INTERRUPTED.items():
    suite.add(f"interrupts come through: {scenario}", lambda name=scenario, least=interrupts: check_latency(name, least))

if __name__ == "__main__":
    # One after the other: the first case of each kind measures for all.
    sys.exit(suite.main(jobs=1))
