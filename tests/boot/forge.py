# SPDX-License-Identifier: GPL-2.0-only
"""Makes root-task images that are wrong in exactly one way (ELF-64 object file format, ELF header and program header).

Each function in IMAGES returns the bytes of one file. `good()` is the image that the others are variations of: it
must boot, otherwise a refusal proves nothing.
"""
import dataclasses
import struct

EXECUTABLE = 2
X86_64, AARCH64 = 62, 183
PT_LOAD, PT_NOTE, PT_TLS = 1, 4, 7
PF_X, PF_W, PF_R = 1, 2, 4
PAGE = 0x1000
BASE = 0x400000
HEADER_SIZE, ENTRY_SIZE = 64, 56
KERNEL_HALF = 0xFFFFFFFF80000000

#: System call number (rdx) that prints the character in rdi, in configurations with printing.
SYS_DEBUG_PUT_CHAR = -9


@dataclasses.dataclass
class Segment:
    """A program header and the bytes that it loads."""
    address: int = BASE
    data: bytes = b"\xeb\xfe"
    memory_size: int | None = None
    flags: int = PF_R | PF_X
    kind: int = PT_LOAD
    offset: int | None = None
    file_size: int | None = None
    align: int = PAGE
    physical: int | None = None


@dataclasses.dataclass
class Image:
    """An ELF file; every field that the kernel reads can be set wrong."""
    segments: list = dataclasses.field(default_factory=lambda: [Segment()])
    entry: int = BASE
    kind: int = EXECUTABLE
    machine: int = X86_64
    elf_class: int = 2
    byte_order: int = 1
    version: int = 1
    program_headers_at: int = HEADER_SIZE
    program_header_size: int = ENTRY_SIZE
    program_header_count: int | None = None
    magic: bytes = b"\x7fELF"

    def build(self):
        count = len(self.segments) if self.program_header_count is None else self.program_header_count
        ident = self.magic + bytes([self.elf_class, self.byte_order, 1]) + bytes(9)
        header = ident + struct.pack("<HHIQQQIHHHHHH", self.kind, self.machine, self.version, self.entry,
                                     self.program_headers_at, 0, 0, HEADER_SIZE, self.program_header_size, count, 64, 0, 0)
        table, body = b"", b""
        data_at = -(-(HEADER_SIZE + ENTRY_SIZE * len(self.segments)) // PAGE) * PAGE
        for segment in self.segments:
            offset = data_at + len(body) if segment.offset is None else segment.offset
            # The file offset agrees with the address modulo the page size, as linkers make it.
            if segment.offset is None:
                padding = (segment.address - offset) % PAGE
                body += bytes(padding) + segment.data
                offset += padding
            file_size = len(segment.data) if segment.file_size is None else segment.file_size
            memory_size = file_size if segment.memory_size is None else segment.memory_size
            physical = segment.address if segment.physical is None else segment.physical
            table += struct.pack("<IIQQQQQQ", segment.kind, segment.flags, offset, segment.address, physical, file_size,
                                 memory_size, segment.align)
        head = header + table
        return head + bytes(data_at - len(head)) + body


def print_and_spin():
    """Code that prints a line with an exclamation mark and then spins."""
    put = b""
    for character in b"!\n":
        put += (b"\x48\xc7\xc2" + struct.pack("<i", SYS_DEBUG_PUT_CHAR)   # mov rdx, number
                + b"\x48\xc7\xc7" + struct.pack("<i", character)          # mov rdi, character
                + b"\x0f\x05")                                            # syscall
    return put + b"\xeb\xfe"


def good():
    return Image([Segment(data=print_and_spin())]).build()


def not_elf():
    return b"#!/bin/sh\n" + bytes(4096)


def empty():
    return b""


def elf32():
    ident = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    header = struct.pack("<HHIIIIIHHHHHH", EXECUTABLE, 3, 1, BASE, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    program = struct.pack("<IIIIIIII", PT_LOAD, 84, BASE, BASE, 2, 2, PF_R | PF_X, PAGE)
    return ident + header + program + b"\xeb\xfe" + bytes(64)


def big_endian():
    return Image(byte_order=2).build()


def wrong_machine():
    return Image(machine=AARCH64).build()


def truncated_header():
    return good()[:40]


def truncated_program_headers():
    return Image(program_header_count=200).build()[:HEADER_SIZE + ENTRY_SIZE]


def program_headers_beyond_file():
    return Image(program_headers_at=1 << 40).build()


def program_headers_wrap():
    return Image(program_headers_at=(1 << 64) - 32).build()


def wrong_program_header_size():
    return Image(program_header_size=32).build()


def no_loadable_segment():
    return Image([Segment(kind=PT_NOTE)]).build()


def truncated_segment():
    return Image([Segment(data=print_and_spin(), file_size=0x10000, memory_size=0x10000)]).build()


def segment_offset_wraps():
    return Image([Segment(offset=(1 << 64) - 16, file_size=0x1000, memory_size=0x1000)]).build()


def file_size_above_memory_size():
    return Image([Segment(data=print_and_spin() + bytes(0x2000), memory_size=0x1000)]).build()


def overlapping_segments():
    return Image([Segment(data=print_and_spin() + bytes(0x1000)),
                  Segment(address=BASE + 0x800, data=b"x" * 0x100, flags=PF_R | PF_W)]).build()


def entry_outside():
    return Image(entry=BASE + 0x100000).build()


def kernel_half():
    return Image([Segment(address=KERNEL_HALF)], entry=KERNEL_HALF).build()


def non_canonical():
    return Image([Segment(address=0x0000800000000000)], entry=0x0000800000000000).build()


def segment_wraps():
    return Image([Segment(data=print_and_spin(), memory_size=(1 << 64) - 0x1000)]).build()


def larger_than_memory():
    return Image([Segment(data=print_and_spin(), memory_size=64 << 30)]).build()


def sixteen_mebibytes():
    """Nothing wrong with it, in a machine that has the memory."""
    return Image([Segment(data=print_and_spin(), memory_size=16 << 20)]).build()


def not_page_aligned():
    return Image([Segment(address=BASE + 0x10, data=print_and_spin())], entry=BASE + 0x10).build()


#: name in the case files -> function
IMAGES = {function.__name__: function for function in (
    good, not_elf, empty, elf32, big_endian, wrong_machine, truncated_header,
    truncated_program_headers, program_headers_beyond_file, program_headers_wrap, wrong_program_header_size,
    no_loadable_segment, truncated_segment, segment_offset_wraps, file_size_above_memory_size, overlapping_segments,
    entry_outside, kernel_half, non_canonical, segment_wraps, larger_than_memory, sixteen_mebibytes,
    not_page_aligned)}
