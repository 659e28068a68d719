# SPDX-License-Identifier: GPL-2.0-only
"""`run --stats`: how often the kernel took each of its fast paths, and why it did not. The kernel marks its way
(kernel/debug/paths.hpp), a plugin in QEMU counts the marks (tools/stats/plugin.c)."""
import json
import re

from antimono import paths, plugin, qemu
from antimono.report import Failure, note

MARKS = paths.ROOT / "kernel" / "debug" / "paths.hpp"
#: Beginnings of the names there, and what each path is called. Names that begin with the second half are fast ones.
PATHS = {"call": "Call of an endpoint", "reply_recv": "ReplyRecv", "signal": "Send and NBSend to a notification",
         "fault": "delivery of a fault"}
#: What has no fast way and is no message: not part of the share.
OTHERS = "call_not_endpoint", "signal_not_notification"
ENUM = re.compile(r"enum class Taken : std::uint8_t \{(.*?)\};", re.DOTALL)
ENTRY = re.compile(r"^\s*(\w+)(?: = (\d+))?,\s*///< (.+)$", re.MULTILINE)


def marks():
    """Number -> (path, "fast", "slow" or "other", what people see)."""
    found = ENUM.search(MARKS.read_text(encoding="utf-8"))
    result, number = {}, -1
    for name, given, text in ENTRY.findall(found[1] if found else ""):
        number = int(given) if given else number + 1
        path = next((path for path in PATHS if name.startswith(f"{path}_")), None)
        if path is None:
            raise Failure(f"{paths.shown(MARKS)}: {name} belongs to no path that tools/antimono/stats.py knows.")
        kind = "fast" if name.startswith(f"{path}_fast") else "other" if name in OTHERS else "slow"
        result[number] = path, kind, text.strip()
    if not result:
        raise Failure(f"{paths.shown(MARKS)}: no list `enum class Taken` of marks.")
    return result


def qemu_arguments(result):
    """What makes QEMU count and leave the counts in the file `result`."""
    return "-plugin", f"{qemu.comma(plugin.build('stats'))},out={qemu.comma(result)}"


def counts(result):
    """Path -> [(kind, text, times)], as the kernel's list has them, zeros left out."""
    try:
        times = {int(number): count for number, count in json.loads(result.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError) as error:
        raise Failure(f"--stats: QEMU left no counts ({error}).") from None
    table = {path: [] for path in PATHS}
    for number, (path, kind, text) in marks().items():
        if times.get(number):
            table[path].append((kind, text, times[number]))
    return table


def show(table):
    """Prints the table to standard error: standard output is the guest's."""
    note("antimono: ways through the kernel")
    order = "fast", "slow", "other"
    for path, title in PATHS.items():
        of_kind = {kind: sum(times for which, _, times in table[path] if which == kind) for kind in order}
        total = of_kind["fast"] + of_kind["slow"]
        share = f"{of_kind['fast'] / total:8.1%} fast" if total else ""
        note(f"  {title:<66} {total:>12,} {share}".rstrip())
        for kind, text, times in sorted(table[path], key=lambda line: (order.index(line[0]), -line[2])):
            note(f"    {text:<64} {times:>12,}" + ("          not in the sum" if kind == "other" else ""))
