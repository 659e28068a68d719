# SPDX-License-Identifier: GPL-2.0-only
"""Reads a system description in the capDL language (revision 1.1, x86_64) and checks that it makes sense.

The grammar is that of the language's specification and of its parser where that knows more: identifiers, numbers,
comments from -- to the end of the line, `objects`, `caps` and `irq maps`. Of what the language has, a kernel's snapshot
needs no ranges, no named capabilities and no nested declarations.
"""
import dataclasses
import re

TOKEN = re.compile(r"(?P<space>\s+|--[^\n]*)|(?P<name>[A-Za-z][A-Za-z0-9_@.-]*)|(?P<number>0x[0-9a-fA-F]+|[0-9]+)"
                   r"|(?P<symbol>\.\.|[][{}(),:;=])")
OBJECT_TYPES = {"ep", "notification", "tcb", "cnode", "ut", "irq", "asid_pool", "pt", "pd", "pdpt", "pml4", "frame",
                "io_ports"}
CONTROL = {"irq_control", "asid_control", "domain", "io_space_master"}
THREAD_NUMBERS = ("addr", "ip", "sp", "prio", "max_prio", "affinity", "dom", "fault_ep")
THREAD_TRUTHS = ("resume", "fpu_disabled")
TCB_SLOTS = {"cspace": {"cnode"}, "vspace": {"pml4"}, "reply_slot": {"tcb"}, "caller_slot": {"tcb"},
             "ipc_buffer_slot": {"frame"}, "bound_notification": {"notification"}}
#: What an object of each kind holds, and how many slots it has; CNodes hold anything.
HOLDS = {"pml4": ({"pdpt"}, 256), "pdpt": ({"pd", "frame"}, 512), "pd": ({"pt", "frame"}, 512), "pt": ({"frame"}, 512),
         "asid_pool": ({"pml4"}, 512), "irq": ({"notification"}, 1)}
#: Parameters that a capability to each kind may have.
PARAMETERS = {"ep": {"rights", "badge"}, "notification": {"rights", "badge"}, "tcb": {"reply", "master_reply"},
              "cnode": {"guard", "guard_size"}, "frame": {"rights", "cached", "uncached", "asid"}, "pml4": {"asid"}}
SIZES = {"ep": 16, "notification": 32, "tcb": 2048, "pt": 4096, "pd": 4096, "pdpt": 4096, "pml4": 4096,
         "asid_pool": 4096}
SLOT_SIZE = 32


class Bad(Exception):
    """What is wrong, and at which line."""


@dataclasses.dataclass
class Object:
    kind: str
    parameters: dict
    covers: list = dataclasses.field(default_factory=list)
    slots: dict = dataclasses.field(default_factory=dict)

    def memory(self):
        """(first, behind the last) byte, for kinds that the description gives a place."""
        size = {"ut": lambda: 1 << self.parameters["bits"], "cnode": lambda: SLOT_SIZE << self.parameters["bits"],
                "frame": lambda: self.parameters["size"]}.get(self.kind, lambda: SIZES.get(self.kind))()
        start = self.parameters.get("paddr", self.parameters["place"])
        return None if size is None else (start, start + size)


@dataclasses.dataclass(frozen=True)
class Cap:
    """What a slot holds: an object's name or a control word, and the parameters."""
    target: str
    parameters: dict

    def __str__(self):
        texts = [str(value) if key == "rights" else key if value is True else
                 f"{key}: {value}" for key, value in self.parameters.items()]
        return f" ({', '.join(texts)})" if texts else ""


class Reader:
    """Tokens one after the other."""

    def __init__(self, text):
        self.tokens = []
        place, line = 0, 1
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found:
                raise Bad(f"line {line}: no token of the language: {text[place:place + 20]!r}")
            if found.lastgroup != "space":
                self.tokens.append((found.group(), found.lastgroup, line))
            line += found.group().count("\n")
            place = found.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def fail(self, wanted):
        line = self.tokens[min(self.at, len(self.tokens) - 1)][2]
        raise Bad(f"line {line}: {self.peek()!r} where {wanted} should be")

    def take(self, kind, wanted):
        if self.at >= len(self.tokens) or self.tokens[self.at][1] != kind:
            self.fail(wanted)
        self.at += 1
        return self.tokens[self.at - 1][0]

    def name(self):
        return self.take("name", "a name")

    def number(self):
        return int(self.take("number", "a number"), 0)

    def skip(self, *words):
        for word in words:
            if self.peek() != word:
                self.fail(repr(word))
            self.at += 1

    def accept(self, word):
        if self.peek() == word:
            self.at += 1
            return True
        return False

    def listed(self, read, end):
        """Items with commas between them, up to `end`."""
        items = []
        while not self.accept(end):
            if items:
                self.skip(",")
            items.append(read())
        return items


class Description:
    """A whole module: `objects` by name, `interrupts` by number."""

    def __init__(self, text):
        self.objects, self.interrupts = {}, {}
        self.reader = Reader(text)
        self.reader.skip("arch", "x86_64")
        sections = {"objects": self.read_objects, "caps": self.read_caps, "irq": self.read_interrupts}
        while self.reader.peek():
            if self.reader.peek() not in sections:
                self.reader.fail("a section")
            sections[self.reader.name()]()
        self.check()

    def read_objects(self):
        reader = self.reader
        reader.skip("{")
        while not reader.accept("}"):
            name = reader.name()
            reader.skip("=")
            if reader.peek() not in OBJECT_TYPES:
                reader.fail("a type of object")
            kind = reader.name()
            parameters = {}
            if reader.accept("("):
                for given in reader.listed(lambda kind=kind: self.object_parameter(kind), ")"):
                    parameters |= given
            parameters.setdefault("place", place_in(name))
            thing = Object(kind, parameters)
            if reader.accept("{"):
                if kind != "ut":
                    raise Bad(f"{name}: only untyped memory covers objects")
                thing.covers = reader.listed(reader.name, "}")
            if name in self.objects:
                raise Bad(f"{name} is declared twice")
            self.objects[name] = thing

    def object_parameter(self, kind):
        reader = self.reader
        if reader.peek()[:1].isdigit():
            number = reader.number()
            unit = reader.name()
            if unit == "bits" and kind in ("ut", "cnode"):
                return {"bits": number}
            if unit in ("k", "M") and kind == "frame":
                return {"size": number * {"k": 1024, "M": 1024 * 1024}[unit]}
            raise Bad(f"a {kind} has no {number} {unit}")
        key = reader.name()
        reader.skip(":")
        if key == "ports" and kind == "io_ports":
            reader.skip("[")
            first = reader.number()
            reader.skip("..")
            last = reader.number()
            reader.skip("]")
            return {key: (first, last)}
        if kind == "tcb" and key in THREAD_TRUTHS:
            if reader.peek() not in ("True", "False"):
                reader.fail("True or False")
            return {key: reader.name() == "True"}
        if (kind == "tcb" and key in THREAD_NUMBERS) or (kind, key) in (("frame", "paddr"), ("ut", "paddr"),
                                                                      ("asid_pool", "asid_high")):
            return {key: reader.number()}
        raise Bad(f"a {kind} has no parameter {key}")

    def read_caps(self):
        reader = self.reader
        reader.skip("{")
        while not reader.accept("}"):
            container = reader.name()
            if container not in self.objects:
                raise Bad(f"{container} holds something, but is not declared")
            slots = self.objects[container].slots
            reader.skip("{")
            while not reader.accept("}"):
                slot = reader.number() if reader.peek()[:1].isdigit() else reader.name()
                reader.skip(":")
                target, parameters = reader.name(), {}
                if reader.accept("("):
                    for given in reader.listed(self.cap_parameter, ")"):
                        parameters |= given
                reader.accept(";")
                if slot in slots:
                    raise Bad(f"{container}: slot {slot} is filled twice")
                slots[slot] = Cap(target, parameters)

    def cap_parameter(self):
        reader = self.reader
        key = reader.name()
        if re.fullmatch("[RWGXP]+", key):
            return {"rights": key}
        if key in ("reply", "master_reply", "cached", "uncached"):
            return {key: True}
        reader.skip(":")
        if key == "asid":
            reader.skip("(")
            high = reader.number()
            reader.skip(",")
            low = reader.number()
            reader.skip(")")
            return {key: f"({high:#x}, {low:#x})"}
        if key in ("badge", "guard"):
            return {key: hex(reader.number())}
        if key == "guard_size":
            return {key: reader.number()}
        raise Bad(f"a capability has no parameter {key}")

    def read_interrupts(self):
        reader = self.reader
        reader.skip("maps", "{")
        while not reader.accept("}"):
            number = reader.number()
            reader.skip(":")
            self.interrupts[number] = reader.name()
            reader.accept(";")

    def check(self):
        for name, thing in self.objects.items():
            self.check_covers(name, thing)
            for slot, cap in thing.slots.items():
                self.check_slot(f"{name}, slot {slot}", thing, slot, cap)
        for number, name in self.interrupts.items():
            if name not in self.objects or self.objects[name].kind != "irq":
                raise Bad(f"irq maps: {number} is {name}, which is no declared irq")

    def check_covers(self, name, thing):
        for inner in thing.covers:
            if inner not in self.objects:
                raise Bad(f"{name} covers {inner}, which is not declared")
            outside, inside = thing.memory(), self.objects[inner].memory()
            if inside is None or not (outside[0] <= inside[0] and inside[1] <= outside[1]):
                raise Bad(f"{name} covers {inner}, which lies at {inside}")

    def check_slot(self, where, container, slot, cap):
        if cap.target not in self.objects and cap.target not in CONTROL:
            raise Bad(f"{where}: {cap.target} is not declared")
        kind = self.objects[cap.target].kind if cap.target in self.objects else cap.target
        unknown = set(cap.parameters) - PARAMETERS.get(kind, set())
        if unknown:
            raise Bad(f"{where}: a capability to {cap.target} has no {sorted(unknown)}")
        if container.kind == "tcb":
            if kind not in TCB_SLOTS.get(slot, ()):
                raise Bad(f"{where}: holds a capability to {cap.target}")
        elif container.kind == "cnode":
            if not isinstance(slot, int) or slot >= 1 << container.parameters["bits"]:
                raise Bad(f"{where}: there is no such slot")
        else:
            kinds, count = HOLDS.get(container.kind, ((), 0))
            if kind not in kinds or not isinstance(slot, int) or slot >= count:
                raise Bad(f"{where}: a {container.kind} holds no {cap.target} there")


def place_in(name):
    """The address in a name such as ep_0x1000, which our kernel gives."""
    found = re.search(r"_0x([0-9a-f]+)", name)
    return int(found[1], 16) if found else 0


def snapshot_in(text):
    """The description in a kernel's output."""
    lines = text.replace("\r", "").splitlines()
    start = next((index for index, line in enumerate(lines) if line == "arch x86_64"), None)
    if start is None:
        raise Bad("no line `arch x86_64`: there is no snapshot")
    # The last section is `irq maps`, which ends with the first closing brace.
    maps = lines.index("irq maps {", start)
    return Description("\n".join(lines[start:lines.index("}", maps) + 1]))
