# SPDX-License-Identifier: GPL-2.0-only
"""The recorded facts in tests/facts, and the headers that abi/ generates for each recorded configuration."""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FACTS = ROOT / "tests" / "facts"
LIBSEL4 = ROOT / "libsel4"
sys.path.insert(0, str(ROOT / "abi"))

import generate  # noqa: E402
from generator import configuration, interface  # noqa: E402

DESCRIPTION = interface.load_description(ROOT / "abi" / "description")


def names():
    """The recorded configurations: facts (numbers and layouts) and stubs (functions) go together."""
    return sorted(path.stem.removeprefix("stubs-") for path in FACTS.glob("stubs-*.json")
                  if (FACTS / f"{path.stem.removeprefix('stubs-')}.json").exists())


def facts(name):
    return json.loads((FACTS / f"{name}.json").read_text(encoding="utf-8"))


def stubs(name):
    return json.loads((FACTS / f"stubs-{name}.json").read_text(encoding="utf-8"))


def headers():
    """Include paths that programs may use."""
    return [line for line in (FACTS / "headers.txt").read_text(encoding="utf-8").split() if line.endswith(".h")]


def gen_config(recorded):
    """The recorded configuration in the form of seL4's gen_config.json."""
    return {name.removeprefix("CONFIG_"): value for name, value in recorded["configuration"].items()}


def view(recorded):
    """The interface under a recorded configuration."""
    return interface.Interface(DESCRIPTION, configuration.Configuration(DESCRIPTION, gen_config(recorded)))


class Prefix:
    """The headers of one configuration, generated into a directory."""

    def __init__(self, recorded, directory):
        self.interface = view(recorded)
        self.directory = pathlib.Path(directory)
        self.files = generate.files_for(self.interface)
        generate.write_tree(self.directory, self.files)

    @property
    def includes(self):
        return [f"-I{self.directory}/libsel4/include", f"-I{LIBSEL4}/include"]

    @property
    def kernel_includes(self):
        return [f"-I{self.directory}/include"]
