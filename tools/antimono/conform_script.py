# SPDX-License-Identifier: GPL-2.0-only
"""The language of conformance scripts: text to steps and steps to text. tests/conform/README.md describes it."""
import dataclasses
import pathlib
import re
import sys

from antimono import config, paths
from antimono.conform_image import FOLLOWING_WORDS, JOINED, LARGE, MOST_JOINED, OPERATIONS, OUTCOMES, Step
from antimono.report import Failure

#: Slots of the scripts' CNode (enum Slot in user/conform/conform.h), and what can be invoked only.
SLOTS = {
    "null": 0, "root": 1, "guarded_root": 2, "node": 3, "ta": 4, "tb": 5, "tc": 6, "td": 7, "vspace": 8, "asid_pool": 9,
    "ut": 10, "small_ut": 11, "large_ut": 12, "device": 13, "ports": 14, "irq": 15, "ep": 16, "badged_ep": 17, "send_ep": 18,
    "n": 19, "badged_n": 20, "f0": 21, "f1": 22, "f2": 23, "fault_a": 24, "fault_b": 25, "fault_c": 26, "fault_d": 27,
    "fault_ep": 28, "pt": 29, "n2": 30, "irq_control": 0x200, "port_control": 0x201, "domain": 0x202, "asid_control": 0x203,
}
RIGHTS = {"no_rights": 0, "w": 1, "r": 2, "rw": 3, "all_rights": 15}
THREADS = "abcd"
WINDOW, WINDOW_BITS = 0x10000000, 16
#: user/conform/layout.h
ENTRIES = {"ud2": 0x140, "divide": 0x150, "hlt": 0x160, "int3": 0x170}
FPU_ENTRIES = {"fpu": 0x180, "fpu_seen": 0x190}
LOAD_ENTRY = 0x100
SCRATCH = 0x3000
SYSTEM_CALLS = {"send": "Send", "nbsend": "NBSend", "call": "Call", "recv": "Recv", "nbrecv": "NBRecv", "reply": "Reply",
                "replyrecv": "ReplyRecv", "yield_": "Yield"}
RECEIVING = ("recv", "nbrecv")
#: What arguments are tried with: around the limits of sizes, counts, addresses.
EDGES = (*range(6), 7, 8, 9, 12, 20, 21, 24, 31, 32, 40, 41, 63, 64, 65, 107, 108, 155, 156, 255, 256, 257, 1023,
         4095, 4096, 0xffff, 0x10000, 1 << 20, 1 << 21, 0x1000a000, 0x1000a001, 1 << 30, (1 << 32) - 1, 1 << 32, (1 << 32) + 8,
         1 << 39, (1 << 47) - 4096, 1 << 47, (1 << 48) - 4096, 1 << 63, (1 << 64) - 4096, (1 << 64) - 1)
#: verbs that the supervisor carries out
SUPERVISED = ("restart", "slots", "receive", "buffer")


def load_interface(preset):
    """The description of the ABI in a preset."""
    sys.path.insert(0, str(config.ABI))
    try:
        from generator import configuration, interface
    finally:
        sys.path.pop(0)
    description = interface.load_description(config.ABI / "description")
    return interface.Interface(description, configuration.load(description, config.ABI / "presets" / f"{preset}.json"))


@dataclasses.dataclass
class Line:
    """One step, where it stands, what it invokes (object.Method or ""), and how it must end ("" for anyhow)."""
    step: Step
    text: str
    number: int
    method: str
    expected: str


@dataclasses.dataclass
class Script:
    name: str
    path: pathlib.Path
    lines: list
    options: int = 0
    presets: tuple = ()  #: the only ones that have what it uses; empty: all

    @property
    def steps(self):
        return [line.step for line in self.lines]


class Assembler:
    """Turns text into steps, for one preset."""

    def __init__(self, preset):
        self.preset = preset
        self.interface = load_interface(preset)
        self.methods = {f"{m.object}.{m.name}": m for m in self.interface.methods if m.active}
        self.numbers = {m.number: name for name, m in self.methods.items()}
        self.calls = {name: number for name, number, *_ in self.interface.syscalls if number is not None}
        self.names = dict(SLOTS, **RIGHTS, **ENTRIES, **self.calls)
        self.names.update({entry["name"]: entry.get("absent", -1) if number is None else number
                           for entry, number in self.interface.object_types})
        self.names.update(
            s=lambda index: 32 + index, code=lambda text: int.from_bytes(bytes.fromhex(text), "little"),
            window=lambda index: WINDOW + (index << WINDOW_BITS),
            scratch=lambda index: WINDOW + (index << WINDOW_BITS) + SCRATCH, guard=lambda value, size: value << 6 | size,
            range=range, list=list)

    # -- Scripts -------------------------------------------------------------------------------------------------------

    def read(self, path):
        """The scripts of a file."""
        path = pathlib.Path(path)
        scripts, current = [], None
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = text.partition("#")[0].strip()
            joined = text.endswith("&")
            if not text:
                continue
            try:
                if text.startswith("script "):
                    current = Script(text.removeprefix("script ").strip(), path, [])
                    scripts.append(current)
                elif current is None:
                    raise ValueError("a line before the first `script NAME`")
                elif self.preset not in (current.presets or (self.preset,)):
                    continue
                elif text == "large":
                    current.options |= LARGE
                elif text.startswith("presets "):
                    current.presets = tuple(text.split()[1:])
                else:
                    current.lines += self.lines(text.removesuffix("&").rstrip(), number)
                    current.lines[-1].step.joined = joined
            except Exception as error:
                raise Failure(f"{paths.shown(path)}:{number}: {text}: {error}") from None
        for script in scripts:
            check_joined(script)
        return [script for script in scripts if self.preset in (script.presets or (self.preset,))]

    def lines(self, text, number):
        """The steps of a line; `repeat N: ... ; ...` has them N times, with `i` counting; `T each SLOT = ERROR` has one for each
        invocation, with arguments of zero, at the capability in a slot; `each SLOT not OBJECT` leaves some out; `T sweep
        INVOCATION` has it once for each argument but the first and each value at some limit."""
        match = re.fullmatch(r"([a-d]) each (\S+)( not (\w+))?(?: = (\w+))?", text)
        if match:
            return self.each(match, text, number)
        match = re.fullmatch(r"([a-d]) sweep (.+)", text)
        if match:
            return self.sweep(match[1], match[2], number)
        match = re.fullmatch(r"repeat (\d+): (.*)", text)
        count, body = (int(match[1]), match[2]) if match else (1, text)
        return [self.line(part, number, i) for i in range(count) for part in body.split(" ; ")]

    def each(self, match, text, number):
        lines = []
        for name, method in self.methods.items():
            if method.object == match[4]:
                continue
            step = Step(thread=THREADS.index(match[1]), target=eval(match[2], dict(self.names, __builtins__={})))
            self.message(step, "call", method.number, [0] * method.length, [])
            lines.append(Line(step, text, number, name, match[5] or ""))
        return lines

    def sweep(self, who, text, number):
        """Each step and, so that the next finds the same, the deletion of what it may have put into slot 40."""
        verb, arguments = re.fullmatch(r"([a-z_]+\.\w+)\((.*)\)", text).groups()
        arguments = split(arguments)
        lines = []
        for index, argument in list(enumerate(arguments))[1:]:
            name = argument[:argument.index("=") + 1] if "=" in argument else ""
            for value in EDGES:
                changed = [*arguments[:index], f"{name}{value:#x}", *arguments[index + 1:]]
                lines.append(self.line(f"{who} {verb}({', '.join(changed)})", number, 0))
                lines.append(self.line(f"{who} cnode.Delete(root, 40, 8)", number, 0))
        return lines

    def line(self, text, number, i):
        match = re.fullmatch(r"([a-d]) ([a-z_]+)(?:\.(\w+))?\((.*)\)(?: = (\w+))?", text)
        if not match:
            raise ValueError("not `THREAD VERB(ARGUMENTS) = OUTCOME`")
        thread, verb, method, arguments, expected = match.groups()
        if expected and expected not in OUTCOMES:
            raise ValueError(f"no outcome is called {expected}")
        names = dict(self.names, i=i, collect=lambda *a, **k: (a, k), __builtins__={})
        positional, named = eval(f"collect({arguments})", names)  # our own files, no others
        step = Step(thread=THREADS.index(thread))
        name = f"{verb}.{method}" if method else ""
        if method:
            self.invoke(step, name, positional, named)
        elif verb == "start":
            name = "tcb.WriteRegisters"
            self.invoke(step, name, *self.start(*positional, **named))
        elif verb in SYSTEM_CALLS:
            self.system_call(step, verb, positional, named)
        elif verb == "syscall":
            step.call, step.target, step.info, *words = positional
            step.words, step.caps = tuple(words), tuple(named.pop("caps", ()))
        else:
            self.other(step, verb, positional)
        return Line(step, text, number, name if step.call == self.calls["Call"] else "", expected or "")

    # -- Steps ---------------------------------------------------------------------------------------------------------

    def invoke(self, step, name, positional, named):
        """`length` and `extra` cut the message short; `via` is another system call than Call."""
        if name not in self.methods:
            raise ValueError(f"no invocation is called {name}")
        method = self.methods[name]
        named = dict(named)
        length, extra, via = named.pop("length", None), named.pop("extra", None), named.pop("via", "call")
        step.target, *values = positional
        words, caps = [0] * method.length, []
        fields = {field.name: field for field in method.arguments}
        for index, (parameter, c_type, *_) in enumerate(method.inputs):
            if parameter not in fields:
                caps.append(values.pop(0))
            elif c_type in ("seL4_UserContext", "seL4_VCPUContext"):
                members = self.interface.members(c_type)
                for offset, member in enumerate(members):
                    words[fields[parameter].index + offset] = named.pop(member, 0)
            else:
                field = fields[parameter]
                words[field.index] |= values.pop(0) << field.shift
        if values or named:
            raise ValueError(f"{name} takes fewer arguments")
        words = words[:length] if length is not None else words
        caps = caps[:extra] if extra is not None else caps
        self.message(step, via, method.number, words, caps)

    def message(self, step, verb, label, words, caps):
        step.call = self.calls[SYSTEM_CALLS[verb]]
        step.words, step.caps = tuple(words), tuple(caps)
        step.info = label << 12 | len(caps) << 7 | len(words)

    def system_call(self, step, verb, positional, named):
        """recv(WHERE), yield_(), reply(LABEL, WORDS...), others (WHERE, LABEL, WORDS...), each with caps=[...]."""
        values = list(positional)
        caps, info = named.pop("caps", []), named.pop("info", None)
        if named:
            raise ValueError(f"what is {', '.join(named)}?")
        if verb not in ("reply", "yield_"):
            step.target = values.pop(0)
        label = values.pop(0) if values and verb not in RECEIVING else 0
        self.message(step, verb, label, values, caps)
        if info is not None:
            step.info = info

    def start(self, target, index, verb, where, label=0, *words):
        """Arguments of tcb.WriteRegisters that let a thread make a system call in window `index`."""
        first = dict(zip(("r10", "r8", "r9", "r15"), words))
        base = WINDOW + (index << WINDOW_BITS)
        # RSP, RCX and R11 as system calls leave them: see user/conform/thread.S.
        registers = dict(rip=base, rsp=0, rflags=0x202, rcx=base + 2, r11=0x202, rdi=where, rsi=label << 12 | len(words),
                         rdx=self.calls[SYSTEM_CALLS[verb]] & (1 << 64) - 1, **first)
        return (target, 1, 0, 20), registers

    @staticmethod
    def other(step, verb, positional):
        if verb in FPU_ENTRIES:
            step.operation, step.target = OPERATIONS.index("enter"), FPU_ENTRIES[verb]
            step.words = tuple(positional)
            return
        if verb not in OPERATIONS:
            raise ValueError(f"no verb is called {verb}")
        step.operation = OPERATIONS.index(verb)
        if verb == "slots":
            step.target, step.words = (tuple(positional) + (0, 96))[:1][0] if positional else 0, (positional[1:] or (96,))
        elif verb == "receive":
            step.words = positional
        elif positional:
            step.target, *words = positional
            step.words = tuple(words)

    # -- Steps as text -------------------------------------------------------------------------------------------------

    def text(self, step):
        """A step in the language: by the names of what it does if that says all, else as numbers."""
        text = self.single(step)
        if self.line(text, 0, 0).step.encoded() != dataclasses.replace(step, joined=False).encoded():
            words = "".join(f", {word:#x}" for word in step.words)
            text = (f"{THREADS[step.thread]} syscall({step.call}, {self.slot(step.target)}, {step.info:#x}{words}, "
                    f"caps=[{', '.join(map(self.slot, step.caps))}])")
        return text + (" &" if step.joined else "")

    def single(self, step):
        who = THREADS[step.thread]
        operation = OPERATIONS[step.operation]
        if operation != "syscall":
            verb = next((verb for verb, entry in FPU_ENTRIES.items() if (operation, step.target) == ("enter", entry)), None)
            if verb:
                return f"{who} {verb}({', '.join(map(hex, step.words))})"
            values = step.words if operation == "receive" else (step.target, *step.words)
            return f"{who} {operation}({', '.join(map(hex, values))})"
        verb = next((verb for verb, name in SYSTEM_CALLS.items() if self.calls[name] == step.call), None)
        label = step.info >> 12
        if verb is None:
            return f"{who} syscall({', '.join(map(hex, (step.call, step.target, step.info, *step.words)))})"
        if verb == "call" and label in self.numbers:
            return self.invocation_text(who, step, self.methods[self.numbers[label]])
        values = [self.slot(step.target)] if verb not in ("reply", "yield_") else []
        if verb not in (*RECEIVING, "yield_"):
            values += [hex(value) for value in (label, *step.words)]
            if step.caps:
                values.append(f"caps=[{', '.join(map(self.slot, step.caps))}]")
            length = step.info & 0x7f
            if length != len(step.words) or (step.info >> 7 & 3) != len(step.caps):
                values.append(f"info={step.info:#x}")
        return f"{who} {verb}({', '.join(values)})"

    def invocation_text(self, who, step, method):
        words = list(step.words) + [0] * max(0, method.length - len(step.words))
        caps = list(step.caps) + [0] * max(0, len(method.capabilities) - len(step.caps))
        values = [self.slot(step.target)]
        fields = {field.name: field for field in method.arguments}
        registers = []
        for parameter, c_type, *_ in method.inputs:
            if parameter not in fields:
                values.append(self.slot(caps.pop(0)))
            elif c_type in ("seL4_UserContext", "seL4_VCPUContext"):
                at = fields[parameter].index
                registers = [f"{member}={words[at + i]:#x}" for i, member in enumerate(self.interface.members(c_type))
                             if words[at + i]]
            else:
                field = fields[parameter]
                values.append(hex(words[field.index] >> field.shift & (1 << field.bits) - 1))
        values += registers
        if len(step.words) < method.length:
            values.append(f"length={len(step.words)}")
        if len(step.caps) < len(method.capabilities):
            values.append(f"extra={len(step.caps)}")
        return f"{who} {method.object}.{method.name}({', '.join(values)})"

    @staticmethod
    def slot(value):
        other = f"s({value - 32})" if 32 <= value < 256 else hex(value)
        return next((name for name, slot in SLOTS.items() if slot == value), other)


def step_from_text(text):
    """A step out of a verbose line of the program: thread, operation, call, info, target, two counts, words, caps."""
    thread, operation, call, info, target, words, caps, *values = (int(value, 0) for value in text.split())
    if operation & ~JOINED != OPERATIONS.index("syscall"):
        call = 0  # without meaning
    return Step(thread, operation & ~JOINED, call, info, target, tuple(values[:words]), tuple(values[words:words + caps]),
                bool(operation & JOINED))


def split(arguments):
    """At commas that are not in brackets."""
    parts, depth = [""], 0
    for character in arguments:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def check_joined(script):
    """Complains about joined steps that could not be taken without the supervisor."""
    def refuse(line, why):
        raise Failure(f"{paths.shown(script.path)}:{line.number}: {line.text} &: {why}")

    first, room = 0, 0
    for index, line in enumerate(script.lines):
        if line.step.joined and index + 1 == len(script.lines):
            refuse(line, "no step follows")
        if line.step.joined or index > first:
            if OPERATIONS[line.step.operation] in SUPERVISED:
                refuse(line, "the supervisor takes this step, so that it cannot be joined")
            if line.step.thread != script.lines[first].step.thread:
                refuse(line, "joined steps are one thread's")
        if index > first:
            room += 15 + 2 * (max(0, len(line.step.words) - 4) + len(line.step.caps))
        if index - first >= MOST_JOINED or room > FOLLOWING_WORDS:
            refuse(line, f"there is room for {MOST_JOINED} joined steps, {FOLLOWING_WORDS} words together")
        if not line.step.joined:
            first, room = index + 1, 0
