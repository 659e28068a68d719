# SPDX-License-Identifier: GPL-2.0-only
"""What a count of instructions does not tell, per operation of user/bench: instructions that are expensive by nature, and
distinct cache lines that the kernel touches. Counted by a plugin in QEMU, tools/bench/plugin.c."""
import json
import pathlib
import re
import tempfile

from antimono import bench_run, plugin, qemu
from antimono.report import say

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


def show(ours, other):
    """Prints the table; with another kernel's figures, ours/theirs, and names rows where ours are more."""
    width = max(map(len, ours))
    say(f"{'operation':<{width}}  " + "  ".join(f"{head:>12}" for head in COLUMNS.values()))
    exceeded = []
    for row, figures in ours.items():
        theirs = other.get(row, {})
        cells = [f"{figures[key]:g}" + (f"/{theirs[key]:g}" if theirs else "") for key in COLUMNS]
        more = [COLUMNS[key] for key in COLUMNS if theirs and figures[key] > theirs[key]]
        exceeded += [row] if more else []
        say(f"{row:<{width}}  " + "  ".join(f"{cell:>12}" for cell in cells) + (f"  MORE: {', '.join(more)}" if more else ""))
    say()
    if other:
        say(f"{len(ours) - len(exceeded)} of {len(ours)} rows have none of these above the other kernel's")
