# SPDX-License-Identifier: GPL-2.0-only
"""A minimal client of QEMU's GDB stub (GDB manual, remote serial protocol): stop somewhere, change memory, go on.

This is how a boot test gives the kernel firmware tables that no firmware would make.
"""
import socket
import struct
import time


class Debugger:
    """One connection to a halted machine."""

    def __init__(self, path, patience=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        deadline = time.monotonic() + patience
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        self.pending = b""

    def close(self):
        self.socket.close()

    def send(self, text):
        body = text.encode()
        self.socket.sendall(b"$%s#%02x" % (body, sum(body) & 0xFF))

    def receive(self):
        while True:
            start = self.pending.find(b"$")
            end = self.pending.find(b"#", start)
            if 0 <= start < end and len(self.pending) >= end + 3:
                body = self.pending[start + 1:end]
                self.pending = self.pending[end + 3:]
                self.socket.sendall(b"+")
                return body.decode()
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("QEMU closed the debugger's connection")
            self.pending += piece

    def ask(self, text):
        self.send(text)
        reply = self.receive()
        if reply.startswith("E"):
            raise RuntimeError(f"the debugger's request {text[:40]!r} failed: {reply}")
        return reply

    def run_to(self, address):
        """Runs until the instruction at this virtual address."""
        self.ask(f"Z1,{address:x},1")
        self.ask("c")
        self.ask(f"z1,{address:x},1")

    def use_physical_memory(self):
        """QEMU extension: read and write mean physical addresses from here on."""
        self.ask("Qqemu.PhyMemMode:1")

    def read(self, address, size):
        return bytes.fromhex(self.ask(f"m{address:x},{size:x}"))

    def write(self, address, data):
        self.ask(f"M{address:x},{len(data):x}:{data.hex()}")

    def register(self, name):
        """A general register by name (order of QEMU's x86_64 target description)."""
        names = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                 "r15", "rip")
        content = bytes.fromhex(self.ask("g"))
        return struct.unpack_from("<Q", content, 8 * names.index(name))[0]

    def read_word(self, address):
        return struct.unpack("<Q", self.read(address, 8))[0]

    def detach(self):
        """Lets the machine run on by itself."""
        try:
            self.ask("D")
        except ConnectionError:
            pass  # it ran, and ended, before the answer was through
        self.close()
