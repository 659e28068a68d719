# SPDX-License-Identifier: GPL-2.0-only
"""Just enough ELF to tell a user early that a file cannot be a root task."""
import pathlib
import struct

from antimono.report import Failure

ELF64 = 2
LITTLE_ENDIAN = 1
EXECUTABLE = 2
X86_64 = 62


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
