# SPDX-License-Identifier: BSD-2-Clause
"""The configuration as C macros, JSON and YAML, in the forms that seL4's build uses."""

import json

from .c_text import BANNER

PARTS = {"kernel": "kernel", "libsel4": "sel4"}


def _macros(configuration, part):
    lines = [BANNER]
    for name, symbol in configuration.symbols.items():
        value = configuration.value(name)
        if symbol.part != part or value is None:
            continue
        if value is False:
            lines.append(f"/* disabled: CONFIG_{name} */")
        else:
            lines.append(f"#define CONFIG_{name} {1 if value is True else value}")
    return "\n".join(lines) + "\n"


def _json(values):
    return json.dumps(values, indent=4) + "\n"


def _yaml(values):
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items())


def generate(configuration):
    """File name below the output directory to text."""
    files = {"gen_config.json": _json(configuration.as_json()), "gen_config.yaml": _yaml(configuration.as_json())}
    for part, directory in PARTS.items():
        base = f"libsel4/include/{directory}/gen_config"
        files[f"{base}.h"] = _macros(configuration, part)
        files[f"{base}.json"] = _json(configuration.as_json(part))
        files[f"{base}.yaml"] = _yaml(configuration.as_json(part))
    files["libsel4/include/autoconf.h"] = (
        f"{BANNER}\n#include <kernel/gen_config.h>\n#include <sel4/gen_config.h>\n")
    return files
