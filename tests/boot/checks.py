# SPDX-License-Identifier: GPL-2.0-only
"""Checks over the whole output of a run that regular expressions cannot express. Each gets (text, case, kernel)."""
import dataclasses
import itertools
import json
import pathlib
import struct

import capdl
from antimono.suite import expect, expect_equal, expect_in, fail

RECORDED = pathlib.Path(__file__).resolve().parents[1] / "recorded" / "sel4-16.0.0"
MEBIBYTE = 1 << 20
PAGE = 4096
MEMORY_MAP, TSC_FREQUENCY = 2, 5    # ids of boot-information blocks
USABLE = 1                          # type of memory-map entries
PT_LOAD = 1
MOST_KERNEL_TABLES = 24             # kernel page tables, with 1 GiB pages for the window
SLOT_BITS, TCB_BITS = 5, 11


@dataclasses.dataclass
class Facts:
    """What tests/boot/tasks/boot_facts.c printed."""
    values: dict
    regions: dict
    untyped: list
    extra: dict
    tags: list


def facts_of(text):
    facts = Facts({}, {}, [], {}, [])
    for line in text.splitlines():
        kind, *fields = line.split() or [""]
        if kind == "value":
            facts.values[fields[0]] = int(fields[1])
        elif kind == "region":
            facts.regions[fields[0]] = [int(fields[1]), int(fields[2])]
        elif kind == "untyped":
            facts.untyped.append([int(field) for field in fields])
        elif kind == "extra":
            facts.extra[int(fields[0])] = (int(fields[1]), fields[2])
        elif kind == "tag":
            facts.tags.append([int(field) for field in fields])
    return facts


def size(region):
    return region[1] - region[0]


def round_up(value, unit):
    return -(-value // unit) * unit


def boot_information_is_sel4s(text, case, kernel):
    """Everything equals what the seL4 kernel passed, except what follows from the image and from free RAM."""
    facts = facts_of(text)
    name = case.get("recorded") or f"{case.get('preset', 'sim-debug')}-{case['memory']}"
    recorded = json.loads((RECORDED / f"bootinfo-{name}.json").read_text(encoding="utf-8"))
    for field in ("extraLen", "nodeID", "numNodes", "numIOPTLevels", "initThreadCNodeSizeBits", "initThreadDomain"):
        expect_equal(facts.values[field], recorded[field], field)
    for field in ("sharedFrames", "ioSpaceCaps"):
        expect_equal(facts.regions[field], recorded[field], field)
    expect_equal(size(facts.regions["extraBIPages"]), size(recorded["extraBIPages"]), "number of extra pages")
    image = facts.values["image_start"], round_up(facts.values["image_end"], PAGE)
    expect_equal(facts.values["ipcBuffer"], image[1], "address of the IPC buffer, behind the image")
    expect_equal(facts.values["address"], image[1] + PAGE, "address of the boot information, behind the IPC buffer")
    expect_equal(size(facts.regions["userImageFrames"]), size(image) // PAGE, "number of image frames")
    order = ("userImagePaging", "extraBIPages", "userImageFrames", "untyped", "empty")
    for first, second in itertools.pairwise(order):
        expect_equal(facts.regions[second][0], facts.regions[first][1], f"first slot of {second}, behind {first}")
    expect_equal(facts.regions["empty"][1], recorded["empty"][1], "end of the empty slots")

    expect_equal([entry for entry in facts.untyped if entry[2]], [entry for entry in recorded["untypedList"] if entry[2]],
                 "device untyped memory")
    expect_equal([device for device, _ in itertools.groupby(entry[2] for entry in facts.untyped)],
                 [device for device, _ in itertools.groupby(entry[2] for entry in recorded["untypedList"])],
                 "order of RAM and device untyped memory")
    expect_equal(list(facts.extra), [block["id"] for block in recorded["extra"]], "order of the extra blocks")
    for block in recorded["extra"]:
        length, data = facts.extra[block["id"]]
        expect_equal(length, block["len"], f"length of extra block {block['id']}")
        if block["id"] != TSC_FREQUENCY:
            expect_equal(data, block["data"], f"content of extra block {block['id']}")
    if recorded.get("slot_capability_tags"):  # only debug kernels tell
        expect_equal([tag for _, _, tag in facts.tags], [tag for _, _, tag in recorded["slot_capability_tags"]],
                     "types of the initial capabilities")
        fixed = [entry for entry in recorded["slot_capability_tags"] if entry[1] <= 16]
        expect_equal(facts.tags[:len(fixed)], fixed, "capabilities in the fixed slots")


def usable_ram(facts):
    """Ranges of RAM from 1 MiB up, from the memory map that the kernel passed on."""
    _, data = facts.extra[MEMORY_MAP]
    data = bytes.fromhex(data)
    ranges = []
    for index in range(struct.unpack_from("<I", data, 0)[0] // 24):
        entry_size, start, length, kind = struct.unpack_from("<IQQI", data, 4 + 24 * index)
        if entry_size and kind == USABLE and start + length > MEBIBYTE:
            ranges.append((max(start, MEBIBYTE), start + length))
    return ranges


def gaps(ranges, parts):
    """What of the ranges no part covers; every part must lie in one range and apart from the others."""
    left = []
    parts = sorted(parts)
    for start, end in ranges:
        inside = [part for part in parts if start <= part[0] and part[1] <= end]
        parts = [part for part in parts if part not in inside]
        for part_start, part_end in inside:
            expect(start <= part_start, f"untyped memory overlaps at {part_start:#x}")
            if start < part_start:
                left.append((start, part_start))
            start = part_end
        if start < end:
            left.append((start, end))
    if parts:
        fail(f"untyped memory outside of RAM: {', '.join(f'{part[0]:#x}' for part in parts)}")
    return left


def image_without_tables(kernel):
    """Bytes from 1 MiB up that the kernel's image takes, without the pool for its page tables, which is its last segment."""
    content = kernel.read_bytes()
    offset, = struct.unpack_from("<Q", content, 32)
    entry_size, count = struct.unpack_from("<HH", content, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", content, offset + index * entry_size) for index in range(count)]
    return max(header[4] for header in headers if header[0] == PT_LOAD) - MEBIBYTE


def all_ram_is_accounted_for(text, case, kernel):
    """Usable RAM from 1 MiB up is untyped memory, the initial thread's objects and the kernel's image, nothing else."""
    facts = facts_of(text)
    parts = []
    for start, bits, device in facts.untyped:
        if not device:
            expect(start % (1 << bits) == 0, f"untyped memory at {start:#x} is not aligned to its size, 2^{bits}")
            parts.append((start, start + (1 << bits)))
    reserved = gaps(usable_ram(facts), parts)
    listed = ", ".join(f"{start:#x} to {end:#x}" for start, end in reserved)
    expect(reserved and reserved[0][0] == MEBIBYTE, f"the kernel's image should be the first reservation: {listed}")
    pages = (size(facts.regions["userImageFrames"]) + size(facts.regions["userImagePaging"])
             + size(facts.regions["extraBIPages"]) + 4)  # and boot information, IPC buffer, PML4, ASID pool
    objects = pages * PAGE + (1 << facts.values["initThreadCNodeSizeBits"] + SLOT_BITS) + (1 << TCB_BITS)
    tables = sum(end - start for start, end in reserved) - objects - image_without_tables(kernel)
    expect(0 < tables <= MOST_KERNEL_TABLES * PAGE and tables % PAGE == 0,
           f"besides image and initial objects, {tables} bytes of RAM are missing, not 1 to {MOST_KERNEL_TABLES} pages of "
           f"kernel page tables (reserved: {listed})")


def snapshot_tells_all(text, case, kernel):
    """The snapshot is a description in capDL, and has what tests/boot/tasks/snapshot.c says it made."""
    del case, kernel
    system = capdl.snapshot_in(text)
    root_thread = next(name for name, thing in system.objects.items()
                       if thing.kind == "tcb" and thing.parameters["max_prio"] == 255)
    slots = system.objects[system.objects[root_thread].slots["cspace"].target].slots
    told = [line.split(maxsplit=3) for line in text.splitlines() if line.startswith(("holds ", "maps ", "inside "))]
    expect(len(told) > 20, "the program did not say what it made")
    for what, first, *rest in told:
        cap = slots[int(first)]
        thing = system.objects[cap.target]
        if what == "holds":
            expect_equal(f"{thing.kind}{cap}", " ".join(rest), f"slot {first}")
        elif what == "maps":
            entry, (page, rights) = int(rest[0]), rest[1].split(maxsplit=1)
            expect_equal(thing.slots[entry].target, slots[int(page)].target, f"entry {entry} of {cap.target}")
            expect_equal(str(thing.slots[entry]), f" {rights}", f"entry {entry} of {cap.target}")
        else:
            expect_in(cap.target, system.objects[slots[int(rest[0])].target].covers, f"slot {rest[0]}'s memory")
    check_threads(system, slots)
    # What no thread reaches, and what is being deleted.
    island = [name for name, thing in system.objects.items() if name in [cap.target for cap in thing.slots.values()]]
    expect_equal(len([name for name in island if system.objects[name].kind == "cnode"]), 3, "CNodes that hold themselves")
    expect("-- being deleted" in text, "nothing is being deleted")


def check_threads(system, slots):
    """One thread waits for the other's answer."""
    waiting = [(name, thing) for name, thing in system.objects.items() if "caller_slot" in thing.slots]
    expect_equal(len(waiting), 1, "threads that owe an answer")
    server, thing = waiting[0]
    caller = thing.slots["caller_slot"]
    expect_equal(str(caller), " (reply)", "the caller's capability")
    expect_in(caller.target, [cap.target for cap in slots.values()], "the caller")
    expect_equal(str(system.objects[caller.target].slots["reply_slot"]), " (master_reply)", "the caller's own")
    expect("bound_notification" in thing.slots, f"{server} has no notification")


def snapshot_is_description(text, case, kernel):
    """The snapshot that a program took at its end."""
    del case, kernel
    expect(len(capdl.snapshot_in(text).objects) > 50, "hardly anything")
