# SPDX-License-Identifier: GPL-2.0-only
"""The conformance program's image with scripts in it, one boot of it, and what it printed (user/conform)."""
import base64
import collections
import dataclasses
import pathlib
import re
import struct
import tempfile
import tomllib

from antimono import config, images, qemu
from antimono.report import Failure

PROGRAM = "conform"
MAGIC = b"conform scripts".ljust(16, b"\0")
#: enum JobKind and enum JobOptions in user/conform/conform.h
JOB_SCRIPT, JOB_SEEDS, JOB_GENERATE = 1, 2, 3
VERBOSE, LARGE = 1, 2
#: bytes of jobs that the image has room for
CAPACITY = 1 << 20

#: AMD's processors need no page-table isolation, whose changes of CR3 take most of the time in emulation: 64 random scripts
#: took 1.0 s of processor time on this one, 3.6 s on the one that other runs have.
CPU = "Opteron_G3,-vme,-misalignsse,+pdpe1gb,enforce"

OPERATIONS = ("syscall", "load", "store", "execute", "enter", "restart", "slots", "receive", "buffer")
#: seL4's error codes
ERRORS = tuple(error["name"] for error in
               tomllib.loads((config.ABI / "description" / "errors.toml").read_text(encoding="utf-8"))["error"])
OUTCOMES = (*ERRORS, "unknown error", "waits", "done", "message", "skipped")
#: outcomes that count as success
SUCCESSES = frozenset(map(OUTCOMES.index, ("NoError", "done", "message")))
SKIPPED = OUTCOMES.index("skipped")
#: the registers of a record, in the order of user/conform/layout.h and user/replay/layout.h
REGISTERS = ("rax", "rbx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r12", "r13", "r14", "r15")
#: in a step's operation: the next step follows without the supervisor; so many at most belong together
JOINED, MOST_JOINED = 0x80, 8
#: words of the record that those after the first may take (RECORD_FOLLOWING and RECORD_END in user/conform/layout.h)
FOLLOWING_WORDS = 224


@dataclasses.dataclass
class Step:
    """struct Step of conform.h."""
    thread: int = 0
    operation: int = 0
    call: int = 0
    info: int = 0
    target: int = 0
    words: tuple = ()
    caps: tuple = ()
    joined: bool = False  #: the next step follows without the supervisor in between

    def encoded(self):
        operation = self.operation | (JOINED if self.joined else 0)
        head = self.thread | operation << 8 | len(self.words) << 16 | len(self.caps) << 24 | (self.call & 0xffffffff) << 32
        values = [head, self.info, self.target, *self.words, *self.caps]
        return struct.pack(f"<{len(values)}Q", *(value & (1 << 64) - 1 for value in values))


def script_job(name, steps, options=0):
    """A script that the results call `script NAME`, a number."""
    return struct.pack("<5Q", JOB_SCRIPT, options, name, name, len(steps)) + b"".join(step.encoded() for step in steps)


def seeds_job(first, last, steps, options=0):
    return struct.pack("<5Q", JOB_SEEDS, options, first, last, steps)


def generate_job(first, last, steps):
    """Digests of the steps that seeds lead to where they end by rules of their own: results called `steps SEED`."""
    return struct.pack("<5Q", JOB_GENERATE, 0, first, last, steps)


def filled(image, jobs):
    """The image's bytes with `jobs` (bytes) in it."""
    content = bytearray(pathlib.Path(image).read_bytes())
    at = content.find(MAGIC)
    if at < 0 or content.find(MAGIC, at + 1) >= 0:
        raise Failure(f"{image} has no place for scripts. It is not the program that belongs to this command.")
    if len(jobs) > CAPACITY:
        raise Failure(f"{len(jobs)} bytes of scripts, but the image has room for {CAPACITY}.")
    struct.pack_into("<Q", content, at + 16, len(jobs))
    content[at + 24:at + 24 + len(jobs)] = jobs
    return bytes(content)


@dataclasses.dataclass
class Result:
    """What one script showed: a code for each step (its outcome, 12 bits of the digest so far), and the digest of all."""
    kind: str
    name: int
    total: int
    codes: list
    details: list = dataclasses.field(default_factory=list)

    @property
    def outcomes(self):
        return [code >> 12 for code in self.codes]


SUMMARY = re.compile(r"^@s (\w+) (\d+) (\d+) ([0-9a-f]{16}) (\S*)$", re.MULTILINE)
TALLY = re.compile(r"^@k (\w+) (\d+) (\d+) (\d+)$", re.MULTILINE)
DETAIL = re.compile(r"^@([two]) (\w+) (\d+) (\d+) (.*)$", re.MULTILINE)


def codes_of(text, count):
    raw = base64.b64decode(text)
    return [high << 8 | low for high, low in zip(raw[0::2], raw[1::2])][:count]


def parse(text):
    """(kind, name) -> Result"""
    results = {}
    for kind, name, steps, total, codes in SUMMARY.findall(text):
        if len(codes) == (int(steps) + 2) // 3 * 8:  # else the run ended in the middle of the line
            results[kind, int(name)] = Result(kind, int(name), int(total, 16), codes_of(codes, int(steps)))
    for letter, kind, name, step, rest in DETAIL.findall(text):
        if (kind, int(name)) in results:
            results[kind, int(name)].details.append((letter, int(step), rest))
    return results


@dataclasses.dataclass
class Outcome:
    """One boot: the results and, unless it came to its end, the reason and the last lines."""
    results: dict
    complaint: str
    seconds: float
    text: str

    @property
    def tally(self):
        """type of object -> Counter of how many random scripts made, used and removed"""
        return {name: collections.Counter(made=int(made), used=int(used), removed=int(removed))
                for name, made, used, removed in TALLY.findall(self.text)}


def run(configuration, jobs, kernel=None, timeout=300, icount=None):
    """Boots the conformance program of a configuration with these jobs; `kernel` stands in for ours; `icount`: qemu.Machine."""
    with tempfile.TemporaryDirectory(prefix="antimono-conform-") as scratch:
        image = pathlib.Path(scratch) / PROGRAM
        image.write_bytes(filled(images.find(PROGRAM, configuration), jobs))
        machine = qemu.Machine(
            kernel=pathlib.Path(kernel) if kernel else configuration.kernel, modules=(image,),
            arguments="" if kernel else qemu.KERNEL_ARGUMENTS, cpu=CPU, icount=icount)
        outcome = qemu.run(machine, timeout=timeout, sink=lambda text: None,
                           stop_when=lambda output: b"(no debug-exit device" in output[-100:])
    text = outcome.output.decode(errors="replace")
    complaint = ""
    if (outcome.kind, outcome.status) != ("exited", 0) or "conform: end\n" not in text:
        complaint = outcome.sentence()
    return Outcome(parse(text), complaint, outcome.seconds, text)
