#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The last step of building the kernel: names for backtraces, and the copy for multiboot 1 loaders.

    finish_image.py KERNEL --multiboot1 COPY [--demangler PROGRAM]

KERNEL is the linked ELF64 image. Its section .symbols is filled in place with the functions' names (symbols.hpp tells
the layout). COPY becomes an elf32-i386 file with the same memory contents and a multiboot 1 header, which the ELF64 file
must not have: QEMU would prefer it to the PVH note, and then refuse a 64-bit file.
"""
import argparse
import bisect
import pathlib
import re
import struct
import subprocess
import sys

PT_LOAD = 1
SHT_SYMTAB = 2
STT_NOTYPE, STT_FUNC = 0, 2
MULTIBOOT1_MAGIC = 0x1BADB002
MULTIBOOT1_FLAGS = 0x3      # modules on page boundaries, memory map (multiboot 0.6.96, 3.1.2)
MULTIBOOT1_SEARCHED = 8192  # the header must lie in the first bytes of the file


class Elf64:
    """What we need of an ELF64 file (System V ABI, chapters 4 and 5)."""

    def __init__(self, content):
        self.content = content
        if content[:6] != b"\x7fELF\x02\x01":
            sys.exit("finish_image.py: the kernel is not a little-endian ELF64 file")
        (self.entry, program_offset, section_offset) = struct.unpack_from("<QQQ", content, 24)
        (program_size, program_count, section_size, section_count, names) = struct.unpack_from("<HHHHH", content, 54)
        self.programs = [struct.unpack_from("<IIQQQQQQ", content, program_offset + index * program_size)
                         for index in range(program_count)]
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", content, section_offset + index * section_size)
                         for index in range(section_count)]
        self.names = self.sections[names]

    def string(self, table, offset):
        start = table[4] + offset
        return self.content[start:self.content.index(b"\0", start)].decode()

    def section(self, name):
        for section in self.sections:
            if self.string(self.names, section[0]) == name:
                return section
        sys.exit(f"finish_image.py: the kernel has no section {name}")

    def symbols(self):
        """(name, value, type) of every symbol."""
        for table in self.sections:
            if table[1] != SHT_SYMTAB:
                continue
            strings = self.sections[table[6]]
            for offset in range(table[4], table[4] + table[5], 24):
                name, info, _, _, value, _ = struct.unpack_from("<IBBHQQ", self.content, offset)
                yield self.string(strings, name), value, info & 0xF


def without_brackets(name, opening, closing):
    """Removes balanced bracketed parts, but not the signs of operator< and its kin."""
    result, depth, index = "", 0, 0
    while index < len(name):
        operator = re.match(r"operator(\(\)|<=>|<<=?|>>=?|->\*?|[<>]=?)", name[index:])
        if operator and depth == 0:
            result += operator.group()
            index += len(operator.group())
            continue
        character = name[index]
        if character == opening:
            depth += 1
        elif character == closing and depth:
            depth -= 1
        elif not depth:
            result += character
        index += 1
    return result


def short_name(name):
    """A demangled name without parameters, template arguments, return type and anonymous namespaces."""
    name = name.replace("(anonymous namespace)::", "").replace("std::__1::", "std::")
    name = without_brackets(without_brackets(name, "<", ">"), "(", ")")
    name = re.sub(r"\[abi:\w+\]|\.llvm\.\d+|\.cold(\.\d+)?", "", name)
    for qualifier in (" const", " volatile", " &", " &&", " noexcept"):
        name = name.removesuffix(qualifier)
    name = name.strip()
    # "operator bool" and "operator new" have a blank of their own.
    return name if "operator " in name else name.rsplit(" ", 1)[-1]


def symbol_table(elf, demangler):
    """The contents of .symbols."""
    text = elf.section(".text")
    start, end = text[3], text[3] + text[5]
    found = {}
    for name, value, kind in elf.symbols():
        if start <= value < end and kind in (STT_FUNC, STT_NOTYPE) and name and not name.startswith((".", "$")):
            # Of several names at one address, a function's is better than a label's.
            if value not in found or (kind == STT_FUNC and found[value][1] != STT_FUNC):
                found[value] = (name, kind)
    addresses = sorted(found)
    mangled = "\n".join(found[address][0] for address in addresses)
    demangled = subprocess.run([demangler], input=mangled, capture_output=True, text=True, check=True).stdout.split("\n")
    strings, offsets = b"", {}
    entries = []
    strings_start = 8 + 8 * len(addresses)
    for address, name in zip(addresses, demangled):
        name = short_name(name)
        if name not in offsets:
            offsets[name] = strings_start + len(strings)
            strings += name.encode() + b"\0"
        entries.append(struct.pack("<II", address - start, offsets[name]))
    return b"SYMS" + struct.pack("<I", len(entries)) + b"".join(entries) + strings


def fill_symbols(elf, demangler):
    """The file's content with .symbols filled in."""
    section = elf.section(".symbols")
    offset, size = section[4], section[5]
    if size == 0:
        return elf.content
    table = symbol_table(elf, demangler)
    if len(table) > size:
        sys.exit(f"finish_image.py: the functions' names need {len(table)} bytes, .symbols has {size}: "
                 "raise symbol_table_bytes in frame/x86_64/kernel.ld")
    return elf.content[:offset] + table.ljust(size, b"\0") + elf.content[offset + size:]


def multiboot1_copy(elf):
    """An ELF32 file that loads the same bytes at the same physical addresses."""
    loads = [program for program in elf.programs if program[0] == PT_LOAD]
    header_size = 52 + 32 * len(loads)
    body, headers = bytearray(), b""
    for (_, flags, offset, _, physical, file_size, memory_size, alignment) in loads:
        # File offset and address must agree modulo the alignment.
        position = header_size + len(body)
        padding = (physical - position) % alignment
        body += bytes(padding) + elf.content[offset:offset + file_size]
        headers += struct.pack("<IIIIIIII", PT_LOAD, position + padding, physical, physical, file_size, memory_size,
                               flags, alignment)
    header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01", 2, 3, 1, elf.entry, 52, 0, 0, 52, 32, len(loads),
                         0, 0, 0)
    content = bytearray(header + headers + body)
    place = next(value for name, value, _ in elf.symbols() if name == "frame_multiboot1_header")
    starts = [struct.unpack_from("<IIII", headers, 32 * index)[1:4] for index in range(len(loads))]
    starts.sort(key=lambda start: start[1])
    offset, address, _ = starts[bisect.bisect_right([start[1] for start in starts], place) - 1]
    position = offset + place - address
    if position + 12 > MULTIBOOT1_SEARCHED or any(content[position:position + 48]):
        sys.exit("finish_image.py: no room for the multiboot 1 header within the first 8 KiB of the copy")
    struct.pack_into("<III", content, position, MULTIBOOT1_MAGIC, MULTIBOOT1_FLAGS,
                     -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS) & 0xFFFFFFFF)
    return bytes(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kernel", type=pathlib.Path)
    parser.add_argument("--multiboot1", type=pathlib.Path, required=True)
    parser.add_argument("--demangler", default="llvm-cxxfilt-22")
    options = parser.parse_args()
    elf = Elf64(options.kernel.read_bytes())
    elf = Elf64(fill_symbols(elf, options.demangler))
    options.kernel.write_bytes(elf.content)
    options.multiboot1.write_bytes(multiboot1_copy(elf))


if __name__ == "__main__":
    main()
