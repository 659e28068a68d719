# SPDX-License-Identifier: GPL-2.0-only
"""Parameters of bundled test programs: root tasks have no command line, so they are written into the image.

A program has a structure that starts with 16 bytes by which it is found; what follows are 64-bit words.
"""
import pathlib
import struct

from antimono.report import Failure


def patched(image, magic, *values):
    """The image's bytes with `values` in the words behind `magic`."""
    mark = magic.encode().ljust(16, b"\0")
    content = bytearray(pathlib.Path(image).read_bytes())
    at = content.find(mark)
    if at < 0 or content.find(mark, at + 1) >= 0:
        raise Failure(f"{image} has no place for parameters ({magic!r}). It is not the program that belongs to this command.")
    struct.pack_into(f"<{len(values)}Q", content, at + len(mark), *values)
    return bytes(content)
