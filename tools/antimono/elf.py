# SPDX-License-Identifier: GPL-2.0-only
"""Just enough ELF to tell a user early that a file cannot be a root task."""
import pathlib
import struct

from antimono.report import Failure

ELF64 = 2
LITTLE_ENDIAN = 1
EXECUTABLE = 2
X86_64 = 62
SHT_NULL, SHT_NOBITS = 0, 8


def explain_unless_image(path):
    """Raises Failure if this is plainly no x86_64 root task. The kernel checks the rest, and more strictly."""
    try:
        head = pathlib.Path(path).read_bytes()[:64]
    except IsADirectoryError:
        raise Failure(f"{path} is a directory, not an image.") from None
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}.") from None
    if head[:4] != b"\x7fELF":
        raise Failure(f"{path} is not an ELF file. A root task is a static ELF executable for x86_64.")
    if len(head) < 64 or head[4] != ELF64 or head[5] != LITTLE_ENDIAN:
        raise Failure(f"{path} is not a 64-bit little-endian ELF file. Build it for x86_64, not ia32.")
    kind, machine = struct.unpack_from("<HH", head, 16)
    if machine != X86_64:
        raise Failure(f"{path} is built for another processor (ELF machine {machine}, x86_64 is {X86_64}).")
    if kind != EXECUTABLE:
        raise Failure(f"{path} is not a static executable (ELF type {kind}, needed {EXECUTABLE}). "
                      "Link with -static and without -pie.")


def sections(content):
    """Name -> bytes of the sections of an ELF64 file at the start of `content`; empty for damaged ones."""
    try:
        offset, = struct.unpack_from("<Q", content, 40)
        size, count, names = struct.unpack_from("<HHH", content, 58)
        headers = [struct.unpack_from("<IIQQQQ", content, offset + index * size) for index in range(count)]
        text = content[headers[names][4]:][:headers[names][5]]
        return {text[header[0]:].split(b"\0")[0].decode(errors="replace"): content[header[4]:][:header[5]]
                for header in headers if header[1] not in (SHT_NULL, SHT_NOBITS)}
    except (struct.error, IndexError):
        return {}
