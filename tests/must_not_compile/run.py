#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows that code outside the safe subset does not compile, and that ordinary kernel code does.

Every file below this directory (except trusted/ and ok/) is a small program that must be refused. Its head says how:

    // expect: REGEX     the diagnostic that must appear among the errors; usually \\[gate:rule\\]
    // needs: warnings   it is refused by the kernel's compiler flags, not by the plugin
    // needs: codegen    the diagnostic comes from code generation, so the file is compiled, not only parsed
    // baseline: FLAGS   more flags that make it valid C++ when the gate is not there
    // baseline: none    it is not valid C++ for this compiler in any case; the reason stands behind a dash

So that a refusal is the gate's doing, each file must compile without plugin and warnings (the baseline). A file that
compiles under the gate, or is refused with another diagnostic only, fails the test. Files below ok/ must compile under
the gate, without a single diagnostic.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from antimono.suite import matches

HERE = pathlib.Path(__file__).resolve().parent
TRUSTED = HERE / "trusted"
BASELINE_HEADERS = """
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
"""
# Small files define things that nothing uses or declares; the kernel's own files are not excused.
QUIET = [f"-Wno-{name}" for name in (
    "unused-parameter", "unused-variable", "unused-function", "unused-const-variable", "unused-template",
    "unused-member-function", "unused-but-set-variable", "unused-private-field", "missing-prototypes",
    "missing-variable-declarations", "undefined-internal", "undefined-inline")]


@dataclasses.dataclass
class Snippet:
    """One file and what its head demands."""

    path: pathlib.Path
    expect: str | None = None
    needs: set = dataclasses.field(default_factory=set)
    baseline: list | None = dataclasses.field(default_factory=list)

    @property
    def name(self):
        return str(self.path.relative_to(HERE))


def read_snippet(path):
    """Parses the head of a file; raises ValueError if the head makes no sense."""
    snippet = Snippet(path)
    for line in path.read_text().splitlines():
        match = re.match(r"// (expect|needs|baseline): (.*)", line)
        if not match:
            continue
        key, value = match.groups()
        if key == "expect":
            snippet.expect = value.strip()
            re.compile(snippet.expect)
        elif key == "needs":
            snippet.needs |= set(re.split(r"[ ,]+", value.strip()))
        elif value.startswith("none"):
            if "-" not in value:
                raise ValueError(f"{path}: `baseline: none` needs a reason behind a dash")
            snippet.baseline = None
        else:
            snippet.baseline = value.split()
    if unknown := snippet.needs - {"warnings", "codegen"}:
        raise ValueError(f"{path}: unknown `needs:` {', '.join(sorted(unknown))}")
    return snippet


class Compiler:
    """The kernel's compiler flags, as the build wrote them down."""

    def __init__(self, build_dir):
        flags_file = build_dir / "gate-flags.json"
        if not flags_file.exists():
            raise SystemExit(f"{flags_file} does not exist: configure and build that directory first "
                             f"(cmake --preset sim-debug && ninja -C {build_dir} antimono_gate_plugin)")
        flags = json.loads(flags_file.read_text())
        self.command = flags["compiler"]
        self.language = flags["compile_flags"]
        self.gate = flags["gate_flags"] + [
            f"-fplugin-arg-antimono-gate-trust={TRUSTED}",
            f"-fplugin-arg-antimono-gate-include={TRUSTED / 'include'}"] + QUIET
        self.includes = [f"-I{HERE}", f"-I{TRUSTED / 'include'}", f"-I{TRUSTED / 'root'}"]
        self.pch = None

    def run(self, arguments):
        """Runs the compiler; returns (whether it succeeded, everything it said)."""
        environment = dict(os.environ, LC_ALL="C")
        result = subprocess.run([self.command, *self.language, *self.includes, *arguments], capture_output=True,
                                text=True, timeout=120, env=environment, cwd=HERE)
        return result.returncode == 0, result.stdout + result.stderr

    def precompile_baseline(self, directory):
        """Headers for the baseline compilations, parsed once."""
        header = pathlib.Path(directory) / "baseline.hpp"
        header.write_text(BASELINE_HEADERS)
        pch = header.with_suffix(".pch")
        ok, output = self.run(["-w", "-x", "c++-header", str(header), "-o", str(pch)])
        if not ok:
            raise SystemExit(f"the standard headers do not compile:\n{output}")
        self.pch = pch

    def compiles_without_gate(self, snippet):
        arguments = ["-w", "-ferror-limit=0", "-fsyntax-only", *snippet.baseline]
        if not snippet.baseline and self.pch:
            arguments += ["-include-pch", str(self.pch)]
        return self.run([*arguments, str(snippet.path)])

    def compiles_under_gate(self, snippet):
        mode = ["-c", "-O2", "-o", "/dev/null"] if "codegen" in snippet.needs else ["-fsyntax-only"]
        return self.run([*self.gate, "-ferror-limit=0", *mode, str(snippet.path)])


def check_refused(compiler, snippet):
    """None if the snippet is refused as expected, else what is wrong."""
    if snippet.expect is None:
        return "has no `// expect:` line"
    if "warnings" not in snippet.needs and "[gate:" not in snippet.expect:
        return "expects a diagnostic that is not the gate's; add `// needs: warnings` if the flags give it"
    if snippet.baseline is not None:
        ok, output = compiler.compiles_without_gate(snippet)
        if not ok:
            return f"is not valid C++ even without the gate, so its refusal shows nothing:\n{output}"
    ok, output = compiler.compiles_under_gate(snippet)
    if ok:
        return "compiles, but must not"
    if re.search(r"PLEASE submit a bug report|Stack dump", output):
        return f"crashes the compiler:\n{output[-3000:]}"
    errors = [line for line in output.splitlines() if re.search(r"\berror: ", line)]
    if not any(re.search(snippet.expect, line) for line in errors):
        return "is refused, but not with /" + snippet.expect + "/:\n" + "\n".join(errors)
    return None


def check_accepted(compiler, snippet):
    """None if the snippet compiles silently under the gate, else what is wrong."""
    ok, output = compiler.compiles_under_gate(snippet)
    return None if ok and not output.strip() else f"must compile under the gate:\n{output}"


def check(compiler, snippet):
    try:
        accepted = HERE / "ok" in snippet.path.parents
        return (check_accepted if accepted else check_refused)(compiler, snippet)
    except subprocess.TimeoutExpired:
        return "the compiler did not finish in time"


def find_snippets(filters):
    paths = sorted(path for path in HERE.rglob("*.cpp") if TRUSTED not in path.parents)
    if filters:
        paths = [path for path in paths if any(text in str(path.relative_to(HERE)) for text in filters)]
    return [read_snippet(path) for path in paths]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, required=True, help="configured build of the machine backend")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("ANTIMONO_JOBS", os.cpu_count() or 1)))
    parser.add_argument("--show", action="store_true", help="print what the compiler says about each snippet")
    parser.add_argument("--list", action="store_true", help="print the names of the snippets")
    parser.add_argument("filter", nargs="*", help="only snippets whose path contains one of these")
    arguments = parser.parse_args()

    snippets = find_snippets(arguments.filter)
    pattern = os.environ.get("ANTIMONO_ONLY", "")
    snippets = [snippet for snippet in snippets if matches(f"must_not_compile/{snippet.name}", pattern)]
    if arguments.list:
        print("\n".join(snippet.name for snippet in snippets))
        return 0
    if not snippets:
        raise SystemExit("no snippet matches")
    compiler = Compiler(arguments.build_dir.resolve())
    if arguments.show:
        for snippet in snippets:
            print(f"--- {snippet.name}\n{compiler.compiles_under_gate(snippet)[1]}")
        return 0
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        compiler.precompile_baseline(directory)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for snippet, problem in zip(snippets, pool.map(lambda one: check(compiler, one), snippets)):
                if problem:
                    failures += 1
                    first, *details = problem.splitlines()
                    print("\n".join([f"not ok {snippet.name}: {first}", *(f"# {line}" for line in details)]), flush=True)
                else:
                    print(f"ok {snippet.name}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
