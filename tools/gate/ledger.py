#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The unsafe ledger: which places of the frame are unsafe, and whether each says why it is sound.

The sites come from the compiler's syntax tree (the gate's plugin lists them), so macros, templates and conversions that
nobody spelt count as what they are; every line of assembly counts as unsafe. Each site needs a comment with `SAFETY:` on
its line or above it in the same block of lines, that is, without a blank line in between; a comment that says `SAFETY
... below` before its colon covers the functions that follow it. An assembly file needs one comment that begins with
`SAFETY` before its first instruction. Plain uses of a pointer that was checked where it was made
are counted, but need no comment of their own.

The numbers may only rise with a reason: `--accept "REASON"` records both in baseline.json, which is reviewed like code.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import re
import sys
import tempfile

import compile_commands

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BASELINE = HERE / "baseline.json"
PAGE = ROOT / "docs" / "unsafe-ledger.md"
README = ROOT / "README.md"
# A comment that explains is at most this far above what it explains. [lines]
REACH = 24
# The same for a comment on everything `below`.
GROUP_REACH = 60
# Counted, but covered by the comment at the place that made the pointer.
UNCOMMENTED_KINDS = {"dereference"}


@dataclasses.dataclass(frozen=True, order=True)
class Site:
    """An unsafe place."""

    file: str
    line: int
    column: int
    end_line: int
    spelt_at: str  # "file:line": for a macro, where its text is
    kind: str
    function: str


@dataclasses.dataclass
class Entry:
    """What the ledger says of one file."""

    sites: int = 0          # places that need a reason
    dereferences: int = 0   # uses of pointers
    code: int = 0           # lines that are neither blank nor comment
    unsafe: int = 0         # lines with a site
    missing: list = dataclasses.field(default_factory=list)


def collect_sites(build_dir, frame):
    """The unsafe sites of all C++ files of the frame that a build compiles."""
    flags = json.loads((pathlib.Path(build_dir) / "gate-flags.json").read_text())
    plugin = flags["plugin"]
    if not pathlib.Path(plugin).exists():
        raise SystemExit(f"{plugin} is not built: ninja -C {build_dir} antimono_gate_plugin")
    commands = compile_commands.read(build_dir, frame)
    with tempfile.TemporaryDirectory() as directory:
        outputs = {file: pathlib.Path(directory) / f"{number}.json" for number, file in enumerate(commands)}
        compile_commands.run_all(commands, lambda file: [
            "-fsyntax-only", "-w", f"-fplugin={plugin}", f"-fplugin-arg-antimono-gate-count={frame}",
            f"-fplugin-arg-antimono-gate-ledger={outputs[file]}"])
        # A header is seen by many files; its sites are the same each time.
        sites = {}
        for output in outputs.values():
            for line in output.read_text().splitlines():
                site = Site(**json.loads(line))
                sites[(site.file, site.line, site.column, site.kind)] = site
    return sorted(sites.values())


def split_comments(text):
    """For each line of C++ or assembly: (code without comments, comment text)."""
    result = []
    in_block = False
    for line in text.splitlines():
        code, comment = "", ""
        rest = line
        while rest:
            if in_block:
                end = rest.find("*/")
                comment += rest if end < 0 else rest[:end]
                rest = "" if end < 0 else rest[end + 2:]
                in_block = end < 0
                continue
            match = re.search(r'//|/\*|"(?:\\.|[^"\\])*"', rest)
            if match is None:
                code += rest
                break
            if match.group().startswith('"'):
                code += rest[:match.end()]
                rest = rest[match.end():]
                continue
            code += rest[:match.start()]
            if match.group() == "//":
                comment += rest[match.end():]
                break
            in_block = True
            rest = rest[match.end():]
        result.append((code.rstrip(), comment))
    return result


def explained(lines, line):
    """Whether the site on a line (counted from 1) has its comment: on the line, or above it without a blank between."""
    same_block = True
    for distance in range(GROUP_REACH):
        number = line - distance
        if number < 1:
            return False
        code, comment = lines[number - 1]
        same_block = same_block and distance < REACH and (distance == 0 or bool(code or comment))
        if "SAFETY" in comment and same_block:
            return True
        if re.search(r"SAFETY\b[^:]*\bbelow\b[^:]*:", comment):
            return True
    return False


class Explanations:
    """Answers for any file whether a place has its comment."""

    def __init__(self):
        self._lines = {}

    def has(self, file, line):
        if file not in self._lines:
            self._lines[file] = split_comments(pathlib.Path(file).read_text())
        return explained(self._lines[file], line)


def enter_assembly(path, entry):
    """An assembly file: all of its instructions are unsafe, and the file says once why it is sound."""
    lines = split_comments(path.read_text())
    instructions = [number for number, (code, _) in enumerate(lines, 1)
                    if code and not re.match(r"\s*([.#]|[\w.$]+:\s*$)", code)]
    entry.code = sum(bool(code) for code, _ in lines)
    entry.unsafe = len(instructions)
    entry.sites = len(re.findall(r"(?m)^\s*\.glob(?:a)?l\b", path.read_text()))
    first = instructions[0] if instructions else 0
    if first and not any(comment.strip().startswith("SAFETY") for _, comment in lines[:first]):
        entry.missing.append(f"{path.relative_to(ROOT)}:{first}: assembly without a comment that begins with SAFETY "
                             "before it: say what the code relies on [gate:safety-comment]")


def enter_cpp(path, sites, entry):
    lines = split_comments(path.read_text())
    explanations = Explanations()
    entry.code = sum(bool(code) for code, _ in lines)
    unsafe = set()
    for site in sites:
        unsafe.update(range(site.line, min(site.end_line, site.line + 40) + 1))
        if site.kind in UNCOMMENTED_KINDS:
            entry.dereferences += 1
            continue
        entry.sites += 1
        spelt_file, spelt_line = site.spelt_at.rsplit(":", 1)
        if not explanations.has(path, site.line) and not (spelt_file and explanations.has(spelt_file, int(spelt_line))):
            entry.missing.append(f"{path.relative_to(ROOT)}:{site.line}:{site.column}: {site.kind} without a SAFETY: "
                                 f"comment on or above it, in {site.function}: say which invariant makes it sound "
                                 "[gate:safety-comment]")
    entry.unsafe = len(unsafe)


def make_ledger(sites, frame):
    """{path below the root: Entry} for every file of the frame that contains something unsafe."""
    by_file = collections.defaultdict(list)
    for site in sites:
        by_file[pathlib.Path(site.file)].append(site)
    ledger = {}
    for path in sorted(frame.rglob("*")):
        entry = Entry()
        if path.suffix == ".S":
            enter_assembly(path, entry)
        elif path.is_file() and path in by_file:
            enter_cpp(path, by_file[path], entry)
        if entry.code:
            ledger[str(path.relative_to(ROOT))] = entry
    return ledger


def count_code(frame):
    """Lines of code of the whole frame, unsafe or not."""
    total = 0
    for path in frame.rglob("*"):
        if path.suffix in (".cpp", ".hpp", ".ipp", ".h", ".S"):
            total += sum(bool(code) for code, _ in split_comments(path.read_text()))
    return total


def table(ledger, total_code):
    """The ledger as a Markdown table."""
    header = ("| file | sites | pointer uses | lines of code | unsafe lines |\n"
              "|---|---:|---:|---:|---:|\n")
    rows = [f"| {name} | {entry.sites} | {entry.dereferences} | {entry.code} | {entry.unsafe} |"
            for name, entry in ledger.items()]
    sums = [sum(getattr(entry, field) for entry in ledger.values())
            for field in ("sites", "dereferences", "unsafe")]
    rows.append(f"| **frame/ as a whole** | **{sums[0]}** | **{sums[1]}** | **{total_code}** | **{sums[2]}** |")
    return header + "\n".join(rows) + "\n"


def document(ledger, total_code):
    """The page for docs/."""
    return ("# The unsafe ledger\n\n"
            "<!-- Written by tools/gate/ledger.py --write; not by hand. -->\n\n"
            "Everything that can break memory safety is in `frame/`. This table says how much that is. A *site* is a cast "
            "that\nreinterprets memory, assembly, pointer arithmetic, an unchecked subscript, a union, a volatile access, "
            "placement\nnew, a change of linkage or a call of an unchecked function; each has a `SAFETY:` comment that names "
            "the invariant\nthat it relies on, which `./antimono check` verifies. *Pointer uses* dereference a pointer that a "
            "site made. In assembly\nevery instruction is unsafe, and the sites are its global entry points. The numbers may "
            "only rise with a reason\n(`tools/gate/baseline.json`).\n\n" + table(ledger, total_code))


def readme(ledger, total_code):
    """The README with the ledger's sums in its row."""
    sites, unsafe = (sum(getattr(entry, field) for entry in ledger.values()) for field in ("sites", "unsafe"))
    row = (f"| unsafe code | only in `frame/`: {sites} sites, {unsafe} of its {total_code} lines, each site with the "
           "invariant that it relies on ([ledger](docs/unsafe-ledger.md)) |")
    return re.sub(r"^\| unsafe code \|.*$", row, README.read_text(), count=1, flags=re.MULTILINE)


def read_baseline():
    return json.loads(BASELINE.read_text()) if BASELINE.exists() else {"files": {}, "reasons": []}


def risen(ledger, baseline):
    """What rose above the baseline, as lines of text."""
    result = []
    for name, entry in ledger.items():
        known = baseline["files"].get(name, {"sites": 0, "unsafe": 0})
        for what, now in (("sites", entry.sites), ("unsafe", entry.unsafe)):
            if now > known[what]:
                label = "unsafe sites" if what == "sites" else "unsafe lines"
                result.append(f"{name}: {label} rose from {known[what]} to {now}: do it with less, or record why with "
                              "`python3 tools/gate/ledger.py --build-dir DIR --accept \"REASON\"` [gate:ledger]")
    return result


def accept(ledger, baseline, reason):
    """Records the numbers of today, and why they rose. Files that this build does not compile keep theirs."""
    if risen(ledger, baseline):
        sums = [sum(entry.sites for entry in ledger.values()), sum(entry.unsafe for entry in ledger.values())]
        baseline["reasons"].append({"reason": reason, "sites": sums[0], "unsafe": sums[1]})
    for name, entry in ledger.items():
        baseline["files"][name] = {"sites": entry.sites, "unsafe": entry.unsafe}
    baseline["files"] = {name: numbers for name, numbers in sorted(baseline["files"].items())
                         if (ROOT / name).exists()}
    BASELINE.write_text(json.dumps(baseline, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, action="append", required=True,
                        help="configured build directory; several (machine and host) are added up")
    parser.add_argument("--frame", type=pathlib.Path, default=ROOT / "frame", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="bring docs/unsafe-ledger.md and the README's row up to date")
    parser.add_argument("--pages", action="store_true", help="also check that these are up to date")
    parser.add_argument("--accept", metavar="REASON", help="let the numbers rise, for this reason")
    parser.add_argument("--quiet", action="store_true", help="problems only, no table")
    arguments = parser.parse_args()
    frame = arguments.frame.resolve()
    sites = sorted({site for build_dir in arguments.build_dir for site in collect_sites(build_dir, frame)})
    ledger = make_ledger(sites, frame)
    total_code = count_code(frame)
    if not arguments.quiet:
        print(table(ledger, total_code))
    baseline = read_baseline()
    if arguments.accept:
        accept(ledger, baseline, arguments.accept)
    pages = {PAGE: document(ledger, total_code), README: readme(ledger, total_code)}
    if arguments.write:
        for page, text in pages.items():
            page.write_text(text)
    problems = [text for entry in ledger.values() for text in entry.missing] + risen(ledger, baseline)
    if arguments.pages:
        problems += [f"{page.relative_to(ROOT)}: not up to date: `python3 tools/gate/ledger.py --build-dir DIR --write`"
                     for page, text in pages.items() if page.read_text() != text]
    print("\n".join(problems), end="\n" if problems else "")
    print(f"ledger: {sum(entry.sites for entry in ledger.values())} unsafe sites, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
