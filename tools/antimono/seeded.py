# SPDX-License-Identifier: GPL-2.0-only
"""The deliberate defects: patches in tests/seeded, each with a head that says who must notice it.

    Caught by: what the first failing test of `antimono mutate --seeded` says, a regular expression
    Conform: the configuration whose recording shows the defect, or: none, because ...
"""
import dataclasses
import pathlib
import re

from antimono import paths
from antimono.report import Failure

DIRECTORY = paths.ROOT / "tests" / "seeded"


@dataclasses.dataclass(frozen=True)
class Patch:
    path: pathlib.Path

    @property
    def name(self):
        return self.path.stem

    def field(self, name):
        """What follows `name:` in the head, which may go on over lines that begin with blanks."""
        found = re.search(rf"^{name}: (.+(?:\n +.+)*)$", self.path.read_text(encoding="utf-8"), re.MULTILINE)
        if not found:
            raise Failure(f"{paths.shown(self.path)} has no line '{name}: ...'.")
        return " ".join(found[1].split())

    def touched(self):
        """The files that it changes."""
        return re.findall(r"^\+\+\+ b/(\S+)", self.path.read_text(encoding="utf-8"), re.MULTILINE)


def patches(prefix):
    found = [Patch(path) for path in sorted(DIRECTORY.glob("*.patch")) if path.stem.startswith(prefix)]
    if not found:
        raise Failure(f"no defect in {paths.shown(DIRECTORY)} whose name begins with '{prefix}'.")
    return found
