# SPDX-License-Identifier: GPL-2.0-only
"""`run --stats`: how often the kernel took each of its fast paths, and why it did not. The kernel marks its way
(kernel/debug/paths.hpp), a plugin in QEMU counts the marks (tools/stats/plugin.c)."""
import json
import re

from antimono import paths, plugin, qemu
from antimono.report import Failure, note

MARKS = paths.ROOT / "kernel" / "debug" / "paths.hpp"
#: Beginnings of the names there, and what each path is called. Names that begin with the second half are fast ones.
PATHS = {"call": "Call", "reply_recv": "ReplyRecv", "signal": "Send and NBSend to a notification",
         "fault": "delivery of a fault"}
ENUM = re.compile(r"enum class Taken : std::uint8_t \{(.*?)\};", re.DOTALL)
ENTRY = re.compile(r"^\s*(\w+)(?: = (\d+))?,\s*///< (.+)$", re.MULTILINE)


def marks():
    """Number -> (path, whether it is the fast one, what people see)."""
    found = ENUM.search(MARKS.read_text(encoding="utf-8"))
    result, number = {}, -1
    for name, given, text in ENTRY.findall(found[1] if found else ""):
        number = int(given) if given else number + 1
        path = next((path for path in PATHS if name.startswith(f"{path}_")), None)
        if path is None:
            raise Failure(f"{paths.shown(MARKS)}: {name} belongs to no path that tools/antimono/stats.py knows.")
        result[number] = path, name.startswith(f"{path}_fast"), text.strip()
    if not result:
        raise Failure(f"{paths.shown(MARKS)}: no list `enum class Taken` of marks.")
    return result


def qemu_arguments(result):
    """What makes QEMU count and leave the counts in the file `result`."""
    return "-plugin", f"{qemu.comma(plugin.build('stats'))},out={qemu.comma(result)}"


def counts(result):
    """Path -> [(fast, text, times)], as the kernel's list has them, zeros left out."""
    try:
        times = {int(number): count for number, count in json.loads(result.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError) as error:
        raise Failure(f"--stats: QEMU left no counts ({error}).") from None
    table = {path: [] for path in PATHS}
    for number, (path, fast, text) in marks().items():
        if times.get(number):
            table[path].append((fast, text, times[number]))
    return table


def show(table):
    """Prints the table to standard error: standard output is the guest's."""
    note("antimono: ways through the kernel")
    for path, title in PATHS.items():
        total = sum(times for _, _, times in table[path])
        fast = sum(times for fast, _, times in table[path] if fast)
        share = f"{fast / total:8.1%} fast" if total else ""
        note(f"  {title:<66} {total:>12,} {share}".rstrip())
        for _, text, times in sorted(table[path], key=lambda line: (not line[0], -line[2])):
            note(f"    {text:<64} {times:>12,}")
