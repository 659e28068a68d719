# SPDX-License-Identifier: GPL-2.0-only
"""antimono replay --machine: a trace on the modelled machine and on an emulated one, step beside step.

The modelled machine's threads go on by themselves, as those of a real machine do (tests/machine/program.cpp); what they and
the trace need then goes into the image of user/replay, which makes the same system and does the same steps.
"""
import dataclasses
import json
import pathlib
import re
import struct
import subprocess
import tempfile

from antimono import config, images, paths, qemu, trace
from antimono.conform_image import ERRORS, REGISTERS
from antimono.conform_script import load_interface
from antimono.report import Failure, plural, say

PROGRAM = "replay"
#: The emulated machine's preset: like tests/machine/configuration.json, but without what LEFT_OUT names.
PRESET = "sim-domains"
#: What the modelled machine's kernel is built for.
MODELLED = paths.ROOT / "tests" / "machine" / "configuration.json"
#: user/replay/replay.h
MAGIC = b"replayed trace".ljust(16, b"\0")
WORDS = 1 << 17
MOST_STEPS = 4096
SECONDS = 120
#: user/replay/layout.h
PLACES = {name: int(value, 16) for name, value in re.findall(
    r"#define (REPLAY_\w+) (0x[0-9a-f]+)", (paths.ROOT / "user" / "replay" / "layout.h").read_text(encoding="utf-8"))}
TRAP_SIZE = 7
INFO, BADGE, THREAD = map(REGISTERS.index, ("rsi", "rdi", "rbx"))
MESSAGE = tuple(map(REGISTERS.index, ("r10", "r8", "r9", "r15")))
NAMES = ("the first thread", "thread 1", "thread 2", "thread 3")
TIMER = 157
#: Twice as many instructions as iterations, one nanosecond each; the kernel's timer tick is 2 ms.
TICK_ITERATIONS = 1_000_000
#: Exceptions that an instruction of user/replay/thread.S raises.
EXCEPTIONS = {0: "REPLAY_DIVIDE", 6: "REPLAY_INVALID", 13: "REPLAY_HALT"}
INVALID_OPCODE = 6
#: Labels of fault messages, with the words in them that a machine decides: SP, flags, RCX.
UNKNOWN_SYSCALL, USER_EXCEPTION = 2, 3
#: The port that user/replay keeps, by which QEMU ends.
EXIT_PORT = 0xf4


class Interface:
    """Numbers of calls and labels in one configuration."""

    def __init__(self, path):
        interface = load_interface(path.with_suffix(""))
        self.labels = {method.label: method.number for method in interface.methods if method.active}
        self.labels["InvalidInvocation"] = 0
        self.names = {number: name for name, number in self.labels.items()}
        self.calls = {name: number for name, number, active, *_ in interface.syscalls if active}
        self.domains = int(interface.configuration.value("NUM_DOMAINS"))

    def label(self, name):
        return self.labels[name] if name in self.labels else int(name, 0)

    def name(self, label):
        return self.names.get(label, hex(label))


@dataclasses.dataclass
class Adapted:
    """A trace that a machine can do, and what had to be changed, sentence -> how often."""
    lines: list
    changes: dict

    def note(self, change):
        self.changes[change] = self.changes.get(change, 0) + 1


def adapt(lines, ours, theirs):
    """Leaves out what only the modelled machine can do. `theirs`: the emulated machine's interface."""
    result = Adapted([], {})
    for line in lines:
        step = line.partition("#")[0].strip()
        if not step:
            continue
        without = re.sub(r" (?:preempt|by)=\S+", "", step)
        if without != step:
            result.note("system calls are not preempted where the trace says so; the machine's timer decides")
        kind, *rest = without.split()
        info = re.search(r" info=([^/\s]+)", without)
        if kind == "repeat":
            result.note("`repeat` is left out: threads repeat by themselves")
            continue
        if kind == "interrupt" and rest != [str(TIMER)]:
            result.note("interrupts of devices are left out: nothing raises them")
            continue
        if kind == "exception" and (int(rest[0], 0) not in EXCEPTIONS or int(rest[1], 0) != 0):
            result.note("exceptions that no plain instruction raises become invalid opcodes")
            without = f"exception {INVALID_OPCODE} 0x0"
        elif kind == "exception" and int(rest[1], 0) == 0:
            without = f"exception {int(rest[0], 0)} 0x0"
        if kind == "write" and int(rest[0], 0) & ~0xfff == PLACES["REPLAY_CODE"]:
            result.note("stores to the threads' own code are left out")
            continue
        if kind in ("read", "write") and not (int(rest[0], 0) + (1 << 47)) % (1 << 64) < 1 << 48:
            result.note("accesses to addresses that are not canonical are left out: they are general protection faults")
            continue
        if kind in ours.calls and kind not in theirs.calls:
            result.note(f"{kind} is left out: the machine's configuration does not have it")
            continue
        label = ours.name(ours.label(info[1])) if info else None
        words = [int(word, 0) for word in (re.search(r" words=(\S+)", without) or ["", "0"])[1].split(",")]
        if label == "X86PageMap" and words[0] & ~0xfff in (PLACES["REPLAY_CODE"], PLACES["REPLAY_DATA"]):
            result.note("mappings over the threads' own code are left out")
            continue
        if label == "X86IOPortControlIssue" and words[0] <= EXIT_PORT <= (words + [0])[1]:
            result.note(f"capabilities to port {EXIT_PORT:#x} are left out: it ends QEMU")
            continue
        domain = {"DomainSetSet": words[0], "DomainScheduleConfigure": (words + [0])[1]}.get(label, 0)
        if ours.domains <= domain < theirs.domains:
            result.note(f"calls for domain {domain} are left out: only one of the machines has it")
            continue
        if label in ours.labels and label not in theirs.labels:
            result.note(f"{label} is left out: the machine's configuration does not have it")
            continue
        result.lines.append(without)
    return result


def on_host(lines):
    """What the modelled machine's threads did: (steps before the trace, steps, end)."""
    with tempfile.NamedTemporaryFile("w", suffix=".trace", prefix="antimono-") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        done = trace.execute(["--program", file.name])
    records = [json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith("@{")]
    if done.returncode != 0:
        raise Failure(f"the modelled machine did not come to the end of the trace: "
                      f"{trace.reason_in(done.stderr) or done.stderr.strip() or f'status {done.returncode}'}")
    before = [record for record in records if record["kind"] == "before"]
    steps = [record for record in records if record["kind"] == "step"]
    return before, steps, records[-1]


def encode(record, interface):
    """struct Step of user/replay/replay.h."""
    kind, *rest = record["step"].split()
    capability, unwrapped, extra, length, number, address, value = record["numbers"]
    registers, sets_registers = [0] * 7, 0
    if kind == "interrupt":
        place, registers[0] = PLACES["REPLAY_SPIN"], TICK_ITERATIONS
    elif kind in ("read", "write"):
        place = PLACES["REPLAY_READ" if kind == "read" else "REPLAY_WRITE"]
        registers[:2] = address, value
    elif kind == "exception":
        place = PLACES[EXCEPTIONS[number]]
    elif kind == "trap":
        place = PLACES["REPLAY_TRAPS"] + TRAP_SIZE * number
    else:
        place, sets_registers = PLACES["REPLAY_SYSCALL"], 1
        call = interface.calls[kind] if kind in interface.calls else int(kind.partition(":")[2])
        info = interface.label(record["label"]) << 12 | unwrapped << 9 | extra << 7 | length
        words = (record["words"] + [0] * 4)[:4]
        registers = [call, capability, info, *words]
    stores = record["stores"]
    values = [place, len(stores) // 2, sets_registers, *registers, *stores]
    return struct.pack(f"<{len(values)}Q", *(value & (1 << 64) - 1 for value in values))


def filled(image, steps):
    content = bytearray(pathlib.Path(image).read_bytes())
    at = content.find(MAGIC)
    if at < 0 or content.find(MAGIC, at + 1) >= 0:
        raise Failure(f"{image} has no place for a trace. It is not the program that belongs to this command.")
    encoded = b"".join(steps)
    if len(steps) > MOST_STEPS or len(encoded) > 8 * WORDS:
        raise Failure(f"{plural(len(steps), 'step')} of {len(encoded)} bytes; a machine takes {MOST_STEPS} of {8 * WORDS} bytes. "
                      "Make the trace shorter: replay --minimise, or leave lines out.")
    struct.pack_into("<Q", content, at + 16, len(steps))
    content[at + 24:at + 24 + len(encoded)] = encoded
    return bytes(content)


def on_machine(configuration, steps, kernel):
    """(records, complaint): for each step the registers of who took it, None for nobody."""
    with tempfile.TemporaryDirectory(prefix="antimono-replay-") as scratch:
        image = pathlib.Path(scratch) / PROGRAM
        image.write_bytes(filled(images.find(PROGRAM, configuration), steps))
        machine = qemu.Machine(
            kernel=pathlib.Path(kernel) if kernel else configuration.kernel, modules=(image,), icount=0,
            arguments="" if kernel else qemu.KERNEL_ARGUMENTS, cpu=qemu.cpu_for(configuration.symbols()))
        outcome = qemu.run(machine, timeout=SECONDS, sink=lambda text: None,
                           stop_when=lambda output: b"(no debug-exit device" in output[-100:])
    text = outcome.output.decode(errors="replace")
    records = {}
    for number, rest in re.findall(r"^@r (\d+)(.*)$", text, re.MULTILINE):
        registers = None
        if rest.strip() != "nobody":
            registers = [0] * len(REGISTERS)
            for place, value in re.findall(r"(\d+)=([0-9a-f]+)", rest):
                registers[int(place)] = int(value, 16)
        records[int(number)] = registers
    complaint = ""
    if (outcome.kind, outcome.status) != ("exited", 0) or f"@e {len(steps)}\n" not in text:
        last = "\n".join(line for line in text.splitlines() if not line.startswith("@"))[-1500:]
        complaint = f"{outcome.sentence()}\n{last}"
    return records, complaint


# -- Comparing ---------------------------------------------------------------------------------------------------------


def comparable(registers, previous, interface):
    """The registers as far as they do not depend on the machine: name -> value; nothing for nobody.

    `previous` is the system call that this thread made last. Left out: physical addresses, what a port said, and what
    system calls do not preserve: RSP, RCX, flags.
    """
    if registers is None:
        return None
    result = dict(zip(REGISTERS, registers))
    del result["rdx"], result["rsp"]  # the number of a system call, which presets do not share; not preserved
    info = registers[INFO]
    result["rsi"] = (interface.name(info >> 12), info & 0xfff)
    label = previous["label"] if previous and previous["label"] else ""
    call = previous["step"].split()[0] if previous else ""
    if call == "Call" and (label == "X86PageGetAddress" or label.startswith("X86IOPortIn")):
        del result["r10"]
    if call == "DebugCapIdentify" or call == "DebugSnapshot":
        del result["rdi"]
    if call == "Call" and label == "TCBReadRegisters" or info >> 12 in (UNKNOWN_SYSCALL, USER_EXCEPTION):
        del result["r9"]  # the third word: RFLAGS, or RCX
        if info >> 12 != UNKNOWN_SYSCALL:
            del result["r8"]  # the second: RSP
    return result


def words_of(registers, previous, interface):
    info = registers[INFO]
    number, length = info >> 12, info & 0x7f
    is_answer = previous is not None and previous["step"].startswith("Call ") and number < len(ERRORS)
    words = ", ".join(f"{registers[place]:#x}" for place in MESSAGE[:max(0, min(4, length))])
    return (f"badge {registers[BADGE]:#x}, label {ERRORS[number] if is_answer else interface.name(number)}, "
            f"{plural(length, 'word')}{f' ({words})' if words else ''}"
            + (f", {info >> 7 & 3} capabilities or badges" if info >> 7 & 3 else ""))


class Comparison:
    """Both machines' records, step by step."""

    def __init__(self, before, steps, end, records, ours, theirs):
        self.before, self.steps, self.end = before, steps, end
        self.records, self.ours, self.theirs = records, ours, theirs
        self.last = {}  # thread -> the system call that it made last
        self.names = {}

    def show(self):
        """Prints the steps; the number of differences, after the first of which nothing can be compared."""
        for index in range(len(self.steps) + 1):
            is_end = index == len(self.steps)
            if is_end and self.end["kind"] == "lost":
                say("    # the running thread executes memory that is not its code; from here on nothing is compared")
                return 0
            record = self.end if is_end else self.steps[index]
            place = len(self.before) + index
            pair = [Side("modelled", record.get("registers"), self.ours), Side("emulated", self.records.get(place), self.theirs)]
            previous = self.last.get(record.get("thread"))
            missing = place not in self.records and not (is_end and "registers" not in record)
            if missing or len({repr(side.comparable(previous)) for side in pair}) != 1:
                self.explain(record, pair, previous, missing)
                return 1
            host = pair[0]
            say(f"    # {'at the end ' if is_end else ''}{self.who(record, host.registers)}"
                + (f" has {words_of(host.registers, previous, self.ours)}" if host.registers else ""))
            if not is_end:
                say(record["step"])
                say(f"    # -> {record['result']}")
                if record["step"].split()[0] in self.ours.calls or record["step"].startswith("syscall:"):
                    self.last[record.get("thread")] = record
        return 0

    def who(self, record, registers):
        """A thread by its number; `registers` of the emulated machine have only what the thread got as RBX."""
        if registers is None:
            return "nobody"
        if registers is record.get("registers"):
            self.names.setdefault(record["thread"], NAMES[registers[THREAD]] if registers[THREAD] < len(NAMES) else
                                  f"another thread, with {registers[THREAD]:#x} in RBX,")
            return self.names[record["thread"]]
        return NAMES[registers[THREAD]] if registers[THREAD] < len(NAMES) else f"a thread with {registers[THREAD]:#x} in RBX"

    def explain(self, record, pair, previous, missing):
        say(f"    # DIFFERENT before {record.get('step', 'the end of the trace')}")
        for side in pair:
            if side.name == "emulated" and missing:
                say("    # emulated: the machine did not come so far")
            else:
                say(f"    # {side.name}: {self.who(record, side.registers)}"
                    + (f" has {words_of(side.registers, previous, side.interface)}" if side.registers else ""))
        left, right = (side.comparable(previous) for side in pair)
        for name in sorted((left or {}).keys() & (right or {}).keys()):
            if left[name] != right[name]:
                say(f"    #     {name}: {shown(left[name])} on the modelled machine, {shown(right[name])} on the emulated one")


@dataclasses.dataclass
class Side:
    """What one machine showed before a step."""
    name: str
    registers: list
    interface: Interface

    def comparable(self, previous):
        return comparable(self.registers, previous, self.interface)


def shown(value):
    return f"label {value[0]}, otherwise {value[1]:#x}" if isinstance(value, tuple) else f"{value:#x}"


def run(path, configuration, kernel):
    """Both machines; the exit status."""
    ours = Interface(MODELLED)
    theirs = Interface(config.ABI / "presets" / f"{configuration.name}.json")
    adapted = adapt(path.read_text(encoding="utf-8").splitlines(), ours, theirs)
    before, steps, end = on_host(adapted.lines)
    records, complaint = on_machine(configuration, [encode(step, theirs) for step in before + steps], kernel)
    for change, count in adapted.changes.items():
        say(f"# adapted: {change} ({count})")
    differences = Comparison(before, steps, end, records, ours, theirs).show()
    if complaint:
        say(f"# the emulated machine: {complaint}")
    where = paths.shown(kernel) if kernel else f"our kernel, {configuration.name}"
    say(f"# {plural(len(steps), 'step')} on the modelled machine and in QEMU ({where}): "
        + ("DIFFERENT" if differences else "the run failed" if complaint else "the same"))
    return 1 if differences or complaint else 0
