# SPDX-License-Identifier: GPL-2.0-only
"""Guests of a few bytes that stand in for a kernel, so that tests of the command control exactly what it sees.

A guest is an ELF32 file with a multiboot 1 header, which QEMU loads by -kernel; its code runs in 32-bit protected
mode, talks to COM1 and the debug-exit port, and needs no stack.
"""
import struct

BASE = 0x100000
COM1, EXIT_PORT = 0x3F8, 0xF4
MULTIBOOT1_MAGIC = 0x1BADB002
HEADERS = 52 + 32


def put(text):
    """Code that writes text to COM1, which takes bytes as they come under emulation."""
    code = b"\x66\xba" + struct.pack("<H", COM1)                       # mov dx, COM1
    for byte in text.encode():
        code += b"\xb0" + bytes([byte]) + b"\xee"                      # mov al, byte; out dx, al
    return code


def put_command_line():
    """Code that writes the kernel's command line (multiboot 1, 3.3: the address is at offset 16). EBX must be as at the
    start."""
    return (b"\x66\xba" + struct.pack("<H", COM1) +                    # mov dx, COM1
            b"\x8b\x73\x10"                                           # mov esi, [ebx + 16]
            b"\xac\x84\xc0\x74\x03\xee\xeb\xf8")                     # lodsb; test al, al; jz +3; out dx, al; jmp -8


def exit_with(status):
    """Code that ends QEMU with a guest status."""
    return b"\x66\xba" + struct.pack("<H", EXIT_PORT) + b"\xb0" + bytes([status]) + b"\xee"


def spin(count):
    """Code that only passes time."""
    return b"\xb9" + struct.pack("<I", count) + b"\x49\x75\xfd"        # mov ecx, count; dec ecx; jnz


def wait(seconds):
    """Code that waits, at most 4 s: without --icount, QEMU's time-stamp counter counts nanoseconds."""
    compare = b"\x0f\x31\x29\xf0\x3d" + struct.pack("<I", int(seconds * 1e9))   # rdtsc; sub eax, esi; cmp eax, ...
    return b"\x0f\x31\x89\xc6" + compare + b"\x72" + bytes([256 - len(compare) - 2])    # rdtsc; mov esi, eax; ...; jb


def print_instructions(code):
    """Runs code and prints by how much the time-stamp counter rose, as eight hexadecimal digits."""
    measured = (b"\x0f\x31\x89\xc3" + code                            # rdtsc; mov ebx, eax
                + b"\x0f\x31\x29\xd8\x89\xc3")                        # rdtsc; sub eax, ebx; mov ebx, eax
    digit = (b"\xc1\xc3\x04\x88\xd8\x24\x0f"                          # rol ebx, 4; mov al, bl; and al, 15
             b"\x3c\x0a\x1c\x69\x2f\xee")                             # cmp al, 10; sbb al, 0x69; das; out dx, al
    loop = b"\xb9\x08\x00\x00\x00" + digit + b"\x49\x75" + bytes([256 - len(digit) - 3])   # ecx = 8; ...; dec; jnz
    return measured + b"\x66\xba" + struct.pack("<H", COM1) + loop


def hang():
    return b"\xfa\xf4\xeb\xfd"                                         # cli; hlt; jmp back


def idle():
    """Halts with interrupts on, and none to come: both 8259s are masked."""
    return b"\xb0\xff\xe6\x21\xe6\xa1\xfb\xf4\xeb\xfd"                # out 0x21 and 0xa1, 0xff; sti; hlt; jmp back


def loop():
    return b"\xfa\xeb\xfe"                                            # cli; jmp here


def triple_fault():
    """An exception while the interrupt table lies where no memory is."""
    descriptor = BASE + HEADERS + 12 + 9                               # behind the two instructions
    return (b"\x0f\x01\x1d" + struct.pack("<I", descriptor) + b"\x0f\x0b"    # lidt; ud2
            + struct.pack("<HI", 0, 0xF0000000))


def reset():
    """Asks the keyboard controller to pulse the reset line."""
    return b"\xb0\xfe\xe6\x64" + hang()


def kernel(*code):
    """The ELF32 file."""
    header = struct.pack("<III", MULTIBOOT1_MAGIC, 0, -MULTIBOOT1_MAGIC & 0xFFFFFFFF)
    body = header + b"".join(code) + hang()
    entry = BASE + HEADERS + len(header)
    size = HEADERS + len(body)
    ident = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    elf = ident + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, entry, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    elf += struct.pack("<IIIIIIII", 1, 0, BASE, BASE, size, size, 7, 4096)
    return elf + body
