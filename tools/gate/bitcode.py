# SPDX-License-Identifier: GPL-2.0-only
"""Reads the functions of compiled kernel code out of LLVM bitcode, by the text that llvm-dis prints.

Only what the checks need: for each function the calls, the instructions that forge pointers or are assembly, and where
each comes from in the source.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

LLVM_ROOT = pathlib.Path(os.environ.get("ANTIMONO_LLVM_ROOT", "/usr/lib/llvm-22"))
NAME = r'@(?:"((?:[^"\\]|\\.)*)"|([-a-zA-Z$._0-9]+))'
TAG = re.compile(r"!DI(\w+)\(")


def tool(name):
    """The path of an LLVM tool, or an error that says which package has it."""
    path = LLVM_ROOT / "bin" / name
    found = str(path) if path.exists() else shutil.which(f"{name}-22")
    if found is None:
        raise SystemExit(f"{name} of LLVM 22 is missing: install the package llvm-22")
    return found


def demangle(names):
    """A dictionary from mangled to readable names."""
    names = sorted(set(names))
    if not names:
        return {}
    result = subprocess.run([tool("llvm-cxxfilt"), *names], capture_output=True, text=True, check=True)
    return dict(zip(names, result.stdout.splitlines()))


@dataclasses.dataclass(frozen=True)
class Location:
    """A place in the source; a line of 0 means that the compiler merged or made up the instruction."""

    file: str = ""
    line: int = 0

    def __str__(self):
        return f"{self.file}:{self.line}" if self.file else "unknown place"


@dataclasses.dataclass
class Instruction:
    """An instruction that a check asks about."""

    kind: str  # "asm", "inttoptr" or "indirect call"
    at: Location
    text: str


@dataclasses.dataclass
class Function:
    """A function definition."""

    name: str
    module: pathlib.Path
    internal: bool
    at: Location
    calls: dict = dataclasses.field(default_factory=dict)      # callee name -> Location of one call
    instructions: list = dataclasses.field(default_factory=list)


class Module:
    """One bitcode file."""

    def __init__(self, path, text=None):
        self.path = pathlib.Path(path)
        self.functions = []
        self.assembly = []  # module-level asm, as text
        self._metadata = {}
        lines = (self._disassemble() if text is None else text).splitlines()
        for line in lines:
            match = re.match(r"(!\d+) = (?:distinct )?(!DI.*)", line)
            if match:
                self._metadata[match.group(1)] = match.group(2)
        self._parse(lines)

    def _disassemble(self):
        result = subprocess.run([tool("llvm-dis"), "-o", "-", str(self.path)], capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"{self.path} is no LLVM bitcode (kernel objects are, with -flto=thin): "
                             f"{result.stderr.strip()}")
        return result.stdout

    def _field(self, reference, name):
        match = re.search(rf"\b{name}: (![0-9]+|\"(?:[^\"\\]|\\.)*\"|-?\d+)", self._metadata.get(reference, ""))
        return match.group(1).strip('"') if match else None

    def _file(self, reference):
        """The path of the file that a metadata node belongs to."""
        for _ in range(64):
            if reference is None:
                return ""
            node = self._metadata.get(reference, "")
            if node.startswith("!DIFile("):
                name = self._field(reference, "filename") or ""
                directory = self._field(reference, "directory") or ""
                return os.path.normpath(os.path.join(directory, name))
            reference = self._field(reference, "file") or self._field(reference, "scope")
        return ""

    def location(self, line):
        """Where the instruction on a line of IR comes from, by its !dbg attachment."""
        match = re.search(r"!dbg (!\d+)", line)
        if not match:
            return Location()
        node = match.group(1)
        return Location(self._file(self._field(node, "scope") or node), int(self._field(node, "line") or 0))

    def _parse(self, lines):
        function = None
        for line in lines:
            if line.startswith("module asm"):
                self.assembly.append(line)
            elif line.startswith("define "):
                name = re.search(NAME, line)
                function = Function(name.group(1) or name.group(2), self.path,
                                    bool(re.match(r"define (internal|private)\b", line)), self.location(line))
                self.functions.append(function)
            elif line == "}":
                function = None
            elif function is not None:
                self._instruction(function, line)
            elif "inttoptr" in line and line.startswith("@"):
                # A constant with a forged pointer inside.
                self.functions.append(Function(line.split(" ", 1)[0][1:], self.path, True, Location(), {},
                                               [Instruction("inttoptr", Location(), line.strip())]))

    def _instruction(self, function, line):
        text = line.strip()
        if re.search(r"\binttoptr\b", text):
            function.instructions.append(Instruction("inttoptr", self.location(line), text))
        call = re.search(r"\b(?:call|invoke|callbr)\b(.*)", text)
        if not call or text.startswith("#dbg"):
            return
        rest = call.group(1)
        if re.search(r"\basm\b", rest.split('"')[0]):
            function.instructions.append(Instruction("asm", self.location(line), text))
            return
        # The callee is the first operand before an argument list: a global name, or a register for an indirect call.
        callee = re.search(rf"({NAME}|%[-\w.\"$]+)\(", rest)
        if callee is None:
            return
        if callee.group(1).startswith("%"):
            function.instructions.append(Instruction("indirect call", self.location(line), text))
            return
        name = callee.group(2) or callee.group(3)
        if not name.startswith("llvm."):
            function.calls.setdefault(name, self.location(line))


def find_objects(build_dir, target):
    """The bitcode objects of a kernel library (cmake/Kernel.cmake) in a build directory."""
    objects = sorted(path for name in (target, f"{target}_rare") for path in pathlib.Path(build_dir).rglob(f"{name}.dir/**/*.o"))
    if not objects:
        raise SystemExit(f"{build_dir} has no objects of {target}: build it first")
    return [path for path in objects if is_bitcode(path)]


def is_bitcode(path):
    """Whether a file starts like LLVM bitcode (object files from assembly do not)."""
    with open(path, "rb") as file:
        return file.read(4) in (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
