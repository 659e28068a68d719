#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks which directory includes what.

The kernel sees the frame's public headers, the generated ABI and a few standard headers; the frame never sees the
kernel; programs see neither. The compiler plugin checks the kernel's includes as well: this check also covers the other
directions, needs no build, and sees files that nothing compiles.
"""

import argparse
import dataclasses
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE_SUFFIXES = {".c", ".cc", ".cpp", ".h", ".hpp", ".inc", ".S", ".def"}


@dataclasses.dataclass(frozen=True)
class Include:
    """An #include directive as written."""

    file: pathlib.Path
    line: int
    name: str
    angled: bool

    def __str__(self):
        return f"<{self.name}>" if self.angled else f'"{self.name}"'


def allowed_headers():
    """Standard headers of code under the gate, from the plugin's own list."""
    return set(re.findall(r"^GATE_HEADER\((.+)\)$", (HERE / "allow/headers.def").read_text(), re.MULTILINE))


def without_comments(text):
    """The text with comments blanked out and spliced lines joined, so that line numbers and directives stay."""
    text = re.sub(r"\\\r?\n", lambda match: "\0", text)  # keep the count, see below

    def blank(match):
        return re.sub(r"[^\n\0]", " ", match.group(0)) if match.group(0).startswith("/") else match.group(0)

    literal = r'R"([^()\\ ]*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    # A header name is no string, and may contain // or a quote.
    header = r"(?m:^[ \t]*(?:#|%:|\?\?=)[ \t]*include(?:_next)?[ \t]*(?:<[^>\n]*>|\"[^\"\n]*\"))"
    return re.sub(rf"{header}|//[^\n]*|/\*(?:.|\n)*?\*/|{literal}", blank, text)


def includes_of(path):
    """Yields the includes of a file; a name of None stands for a macro in place of a header."""
    line = 0
    for raw in without_comments(path.read_text(errors="replace")).split("\n"):
        line += 1
        directive = re.match(r"\s*(?:#|%:)\s*(?:include|include_next|import|embed)\b\s*(.*)", raw.replace("\0", ""))
        line += raw.count("\0")
        if not directive:
            continue
        target = directive.group(1).strip()
        match = re.match(r'<([^>]+)>|"([^"]+)"', target)
        if match:
            yield Include(path, line, match.group(1) or match.group(2), match.group(1) is not None)
        else:
            yield Include(path, line, None, False)


class Layering:
    """The rules, for one source tree."""

    def __init__(self, root):
        self.root = root
        self.headers = allowed_headers()

    def problem(self, include):
        """What is wrong with an include, or None."""
        layer = include.file.relative_to(self.root).parts[0]
        if include.name is None:
            return "an include by macro cannot be checked; write the header's name"
        rule = getattr(self, f"_{layer}", None)
        return rule(include) if rule else None

    def _kernel(self, include):
        name = include.name
        if ".." in name or name.startswith("/"):
            return "leaves its directory; include headers of the kernel as \"kernel/...\""
        if not include.angled:
            if not name.startswith("kernel/"):
                return "headers of the kernel are included as \"kernel/...\""
            return None if (self.root / name).is_file() else "no such file"
        if name.startswith("frame/detail/"):
            return "belongs to the inside of the frame; use the other headers of frame/include"
        if name.startswith("frame/"):
            return None if (self.root / "frame/include" / name).is_file() else "is no header of frame/include"
        if name.startswith("abi/") or name in self.headers:
            return None
        return "is not on the allow-list (tools/gate/allow/headers.def)"

    def _frame(self, include):
        if include.name.startswith(("kernel/", "user/", "libsel4/", "sel4/")) or "/kernel/" in include.name:
            return "the frame must not know what is built on it; let the kernel call the frame, or be called by template"
        public = self.root / "frame/include" in include.file.parents
        if public and not include.angled:
            return "public headers are included as <frame/...>"
        return None

    def _abi(self, include):
        return self._foundation(include, "the ABI")

    def _libsel4(self, include):
        return self._foundation(include, "libsel4")

    def _user(self, include):
        return self._foundation(include, "a user program")

    @staticmethod
    def _foundation(include, who):
        if re.search(r"(^|/)(kernel|frame)/", include.name):
            return f"{who} must not depend on the kernel's inside; use <sel4/...> or the generated ABI"
        return None

    def problems(self):
        """All problems of the tree, as lines of text."""
        result = []
        for layer in ("kernel", "frame", "abi", "libsel4", "user"):
            for path in sorted((self.root / layer).rglob("*")):
                if path.suffix in SOURCE_SUFFIXES and path.is_file():
                    for include in includes_of(path):
                        if problem := self.problem(include):
                            shown = "#include of a macro" if include.name is None else str(include)
                            result.append(f"{path.relative_to(self.root)}:{include.line}: {shown}: {problem} "
                                          "[gate:layering]")
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parents[1], help="source tree")
    arguments = parser.parse_args()
    problems = Layering(arguments.root.resolve()).problems()
    print("\n".join(problems), end="\n" if problems else "")
    print(f"layering: {len(problems)} problems" if problems else "layering: every include stays in its layer")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
