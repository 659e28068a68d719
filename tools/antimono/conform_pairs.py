# SPDX-License-Identifier: GPL-2.0-only
"""Which documented error of which invocation the scripts reach, by what the seL4 kernel answered when they were recorded.

The documented errors are those of the API reference, as abi/description has them. What cannot be reached is listed with
the reason in tests/conform/unreachable.json.
"""
import dataclasses
import json

from antimono import conform, conform_record, paths
from antimono.conform_image import ERRORS, OUTCOMES
from antimono.conform_script import Assembler
from antimono.report import say

UNREACHABLE = paths.ROOT / "tests" / "conform" / "unreachable.json"


@dataclasses.dataclass
class Table:
    documented: list
    reached: dict  #: (object.Method, error) -> names of scripts, in order
    excused: dict  #: likewise -> reason

    @property
    def missing(self):
        return [pair for pair in self.documented if pair not in self.reached and pair not in self.excused]

    @property
    def needless(self):
        return [pair for pair in self.excused if pair in self.reached]

    @property
    def beyond(self):
        """Errors that were seen but are not documented for the invocation."""
        return [pair for pair in self.reached if pair not in self.documented and pair[1] in ERRORS[1:]]

    def summary(self):
        hit = sum(pair in self.reached for pair in self.documented)
        return (f"{len(self.documented)} documented pairs of invocation and error: {hit} reached, "
                f"{sum(pair in self.excused for pair in self.documented)} unreachable with a reason, "
                f"{len(self.missing)} missing; "
                f"{len(self.beyond)} reached beyond them")


def table(preset):
    assembler = Assembler(preset)
    recording = conform_record.Recording(preset)
    documented = [(name, error) for name, method in assembler.methods.items() for error, _ in method.errors]
    reached = {}
    for script in conform.read_scripts(assembler):
        _, result = recording.scripts.get(script.name, (None, None))
        for line, outcome in zip(script.lines, result.outcomes if result else ()):
            if line.method:
                names = reached.setdefault((line.method, OUTCOMES[outcome]), [])
                if script.name not in names:
                    names.append(script.name)
    excused = {}
    if UNREACHABLE.is_file():
        for entry in json.loads(UNREACHABLE.read_text(encoding="utf-8")):
            excused[entry["invocation"], entry["error"]] = entry["reason"]
    return Table(documented, reached, excused)


def show(preset):
    """Prints the table; the exit status is 0 if nothing is missing."""
    found = table(preset)
    for pair in found.documented:
        where = found.reached.get(pair)
        what = where[-1] if where else f"unreachable: {found.excused[pair]}" if pair in found.excused else "MISSING"
        say(f"{pair[0]:32} {pair[1]:18} {what}")
    for pair in found.beyond:
        say(f"{pair[0]:32} {pair[1]:18} (not documented) {found.reached[pair][-1]}")
    say(found.summary())
    return 1 if found.missing or found.needless else 0
