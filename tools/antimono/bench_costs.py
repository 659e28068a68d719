# SPDX-License-Identifier: GPL-2.0-only
"""What a count of instructions does not tell, per operation of user/bench: instructions that are expensive by nature, and
distinct cache lines that the kernel touches. Counted by a plugin in QEMU, tools/bench/plugin.c."""
import json
import pathlib
import re
import tempfile

from antimono import bench_run, paths, plugin, qemu
from antimono.report import Failure, note, say

#: What the seL4 kernel takes on each machine, and the rows in which ours takes more, each with its figure and the reason.
SEL4_RECORD = bench_run.SEL4_RECORD.with_name("costs.json")
KNOWN = bench_run.OWN_RECORD.with_name("dearer.json")

#: The plugin's name of each figure, and the head of its column.
COLUMNS = {"cr3": "CR3", "wrmsr": "WRMSR", "invlpg": "INVLPG", "fpu_save": "FPU save", "fpu_load": "FPU load",
           "iret": "IRET", "code_lines": "code lines", "data_lines": "data lines"}
BEGIN = re.compile(r"^begin (\d+): (.*)$", re.MULTILINE)


def measure(kernel, image, machine, own):
    """Row -> {figure: per operation}, the least of all rounds."""
    counter = plugin.build("bench")
    with tempfile.TemporaryDirectory(prefix="antimono-costs-") as scratch:
        result = pathlib.Path(scratch) / "result"
        text = bench_run.boot(kernel, image, machine, own,
                              extra=("-plugin", f"{qemu.comma(counter)},out={qemu.comma(result)}"))
        rounds = [json.loads(line) for line in result.read_text(encoding="utf-8").splitlines()]
    operations = {name: int(count) for name, _, count in bench_run.ROW.findall(text)}
    costs = {}
    for number, name in BEGIN.findall(text):
        own_rounds = [line for line in rounds if line["row"] == int(number)]
        if own_rounds and name in operations:
            costs[name] = {column: round(min(line[column] for line in own_rounds) / operations[name], 2)
                           for column in COLUMNS}
    return costs


def more(figures, theirs):
    """The columns in which `figures` has more than `theirs`."""
    return [column for column in COLUMNS if figures[column] > theirs[column]]


def problem(row, figures, sel4, known):
    """A sentence for each thing that is wrong with a row: it takes more of something than seL4 does and the list of known
    rows does not allow it, or the list allows what no longer happens."""
    if row not in sel4:
        return ["was not measured on seL4: ./antimono bench --costs --kernel FILE --record-sel4"]
    allowed, above = known.get(row, {}), more(figures, sel4[row])
    found = []
    for column in above:
        sentence = f"{COLUMNS[column]}: {figures[column]:g}, seL4 {sel4[row][column]:g}"
        if column not in allowed:
            found.append(sentence)
        elif figures[column] > allowed[column]["ours"]:
            found.append(f"{sentence}, and {KNOWN.name} allows {allowed[column]['ours']:g}")
    for column in allowed:
        if column not in COLUMNS:
            found.append(f"{KNOWN.name} names {column!r}; the columns are {', '.join(COLUMNS)}")
        elif column not in above:
            found.append(f"{COLUMNS[column]}: {figures[column]:g}, no more than seL4's {sel4[row][column]:g}: "
                         f"strike it off {KNOWN.name} (./antimono bench --costs --record)")
        elif not allowed[column].get("reason"):
            found.append(f"{COLUMNS[column]}: {KNOWN.name} gives no reason")
    return found


def still_known(ours, sel4, known):
    """The list of known rows as it is now: figures of this run, and nothing that is no longer above seL4's. It never grows by
    itself: a new entry is written by whoever knows the reason."""
    now = {}
    for row, allowed in known.items():
        if row in ours and row in sel4:
            now[row] = {column: {**allowed[column], "ours": ours[row][column]}
                        for column in more(ours[row], sel4[row]) if column in allowed}
    return {row: allowed for row, allowed in now.items() if allowed}


def of_record(path, machine):
    """A record's rows for this machine; empty if there is none."""
    return bench_run.rows_of(bench_run.load(path), machine)


def record_known(machine, ours, sel4):
    """`--record`: brings the list of known rows up to date."""
    if not sel4:
        raise Failure(f"{paths.shown(SEL4_RECORD)} has no figures of {machine.name}: --kernel FILE --record-sel4")
    bench_run.store(KNOWN, machine, still_known(ours, sel4, of_record(KNOWN, machine)))
    note(f"antimono: {paths.shown(KNOWN)} is up to date")


def show(ours, other, known=None):
    """Prints the table; with another kernel's figures, ours/theirs. Names rows where ours are more; with the list of known
    rows, returns how many have a problem."""
    width = max(map(len, ours))
    say(f"{'operation':<{width}}  " + "  ".join(f"{head:>12}" for head in COLUMNS.values()))
    exceeded = bad = 0
    for row, figures in ours.items():
        theirs = other.get(row, {})
        cells = [f"{figures[key]:g}" + (f"/{theirs[key]:g}" if theirs else "") for key in COLUMNS]
        above = more(figures, theirs) if theirs else []
        wrong = problem(row, figures, other, known) if known is not None and other else []
        exceeded, bad = exceeded + bool(above), bad + bool(wrong)
        remark = f"  WRONG: {'; '.join(wrong)}" if wrong else "  more, as known: " if above and known is not None else \
            "  MORE: " if above else ""
        say(f"{row:<{width}}  " + "  ".join(f"{cell:>12}" for cell in cells) + remark +
            ("" if wrong else ", ".join(COLUMNS[key] for key in above)))
    say()
    if other:
        say(f"{len(ours) - exceeded} of {len(ours)} rows have none of these above the other kernel's" +
            (f"; {bad} rows differ from {paths.shown(KNOWN)}" if known is not None else ""))
    return bad
