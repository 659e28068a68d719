# SPDX-License-Identifier: GPL-2.0-only
"""Changes to a machine's memory between the firmware and the kernel: firmware tables that no firmware would make.

They start from the PVH start information (Xen, `struct hvm_start_info`), whose address is in EBX at the kernel's
entry, and follow it to the ACPI tables (ACPI specification, 5.2).
"""
import struct
import threading

import break_kernel
from debugger import Debugger

#: Conventional memory that neither the firmware's data nor the start information uses.
FREE_MEMORY = 0x20000
RSDP_POINTER = 32           # offset in the start information
RSDP_SIZE = 20              # of ACPI 1.0, which QEMU's firmware makes
MADT_ENTRIES = 44           # offset of the first entry
LOCAL_APIC, IO_APIC = 0, 1  # types of MADT entries


class Firmware:
    """The tables of a machine that stands at the kernel's entry."""

    def __init__(self, debugger, configuration):
        entry = struct.unpack_from("<Q", configuration.kernel.read_bytes(), 24)[0]
        debugger.use_physical_memory()
        debugger.run_to(entry)
        self.debugger = debugger
        self.kernel = configuration.kernel
        self.start_information = debugger.register("rbx") & 0xFFFFFFFF
        self.rsdp = debugger.read_word(self.start_information + RSDP_POINTER)

    def set_rsdp(self, content):
        """Hands the kernel another RSDP: the firmware's own lies in memory that cannot be written."""
        self.debugger.write(FREE_MEMORY, content)
        self.set_rsdp_address(FREE_MEMORY)

    def set_rsdp_address(self, address):
        self.debugger.write(self.start_information + RSDP_POINTER, struct.pack("<Q", address))

    def rsdp_bytes(self):
        return bytearray(self.debugger.read(self.rsdp, RSDP_SIZE))

    def rsdt(self):
        return struct.unpack_from("<I", self.rsdp_bytes(), 16)[0]

    def table(self, signature):
        """Address of the table with this signature."""
        root = self.rsdt()
        for offset in range(36, self.length(root), 4):
            address = struct.unpack("<I", self.debugger.read(root + offset, 4))[0]
            if self.debugger.read(address, 4) == signature:
                return address
        raise LookupError(f"the firmware has no table {signature}")

    def length(self, table):
        return struct.unpack("<I", self.debugger.read(table + 4, 4))[0]

    def patch(self, table, offset, data, right_checksum=True):
        """Overwrites bytes of a table; the checksum is made right again unless that is the point."""
        content = bytearray(self.debugger.read(table, self.length(table)))
        content[offset:offset + len(data)] = data
        if right_checksum:
            content[9] = 0
            content[9] = -sum(content) & 0xFF
        self.debugger.write(table, bytes(content))

    def entries(self, madt, kind):
        """Offsets of the MADT's entries of a type."""
        content = self.debugger.read(madt, self.length(madt))
        offset, found = MADT_ENTRIES, []
        while offset < len(content):
            if content[offset] == kind:
                found.append(offset)
            offset += content[offset + 1]
        return found


def rsdp_signature(firmware):
    content = firmware.rsdp_bytes()
    content[0:4] = b"XXXX"
    firmware.set_rsdp(content)


def rsdp_checksum(firmware):
    content = firmware.rsdp_bytes()
    content[8] ^= 0xFF
    firmware.set_rsdp(content)


def rsdp_beyond_memory(firmware):
    firmware.set_rsdp_address(1 << 45)


def rsdt_beyond_memory(firmware):
    content = firmware.rsdp_bytes()
    content[16:20] = struct.pack("<I", 0xFFFFFFF0)
    content[8] = 0
    content[8] = -sum(content) & 0xFF
    firmware.set_rsdp(content)


def rsdt_signature(firmware):
    firmware.patch(firmware.rsdt(), 0, b"XXXX")


def rsdt_checksum(firmware):
    firmware.patch(firmware.rsdt(), 9, b"\x55", right_checksum=False)


def rsdt_short(firmware):
    firmware.patch(firmware.rsdt(), 4, struct.pack("<I", 8))


def no_madt(firmware):
    firmware.patch(firmware.table(b"APIC"), 0, b"XXXX")


def madt_checksum(firmware):
    firmware.patch(firmware.table(b"APIC"), 9, b"\x55", right_checksum=False)


def madt_entry_of_length_0(firmware):
    madt = firmware.table(b"APIC")
    firmware.patch(madt, firmware.entries(madt, IO_APIC)[0] + 1, b"\0")


def madt_entry_too_short(firmware):
    madt = firmware.table(b"APIC")
    firmware.patch(madt, firmware.entries(madt, IO_APIC)[0] + 1, b"\x02")


def madt_entry_beyond_table(firmware):
    madt = firmware.table(b"APIC")
    firmware.patch(madt, firmware.entries(madt, IO_APIC)[0] + 1, b"\xff")


def madt_huge(firmware):
    firmware.patch(firmware.table(b"APIC"), 4, struct.pack("<I", 0xFFFFFF00), right_checksum=False)


def no_processor(firmware):
    madt = firmware.table(b"APIC")
    for offset in firmware.entries(madt, LOCAL_APIC):
        firmware.patch(madt, offset + 4, struct.pack("<I", 0))  # neither enabled nor online capable


def no_io_apic(firmware):
    madt = firmware.table(b"APIC")
    for offset in firmware.entries(madt, IO_APIC):
        firmware.patch(madt, offset, b"\x7f")  # a type that is reserved


#: name in the case files -> function(firmware)
CHANGES = {function.__name__: function for function in (
    rsdp_signature, rsdp_checksum, rsdp_beyond_memory, rsdt_beyond_memory, rsdt_signature, rsdt_checksum, rsdt_short,
    no_madt, madt_checksum, madt_entry_of_length_0, madt_entry_too_short, madt_entry_beyond_table, madt_huge,
    no_processor, no_io_apic)} | break_kernel.CHANGES


class Tamperer(threading.Thread):
    """Attaches to the machine's debugger, runs to the kernel's entry, tampers, lets it go."""

    def __init__(self, change, socket, configuration):
        super().__init__(daemon=True)
        self.change, self.socket, self.configuration = change, socket, configuration
        self.problem = None

    def run(self):
        try:
            debugger = Debugger(self.socket)
            self.change(Firmware(debugger, self.configuration))
            debugger.detach()
        except Exception as problem:  # told to the test by finish()
            self.problem = problem

    def finish(self):
        """Waits for the end; raises what went wrong."""
        self.join(30)
        if self.problem:
            raise self.problem


def start(name, description, configuration, scratch):
    """Makes the machine wait for the debugger and starts the change of this name."""
    socket = f"{scratch}/gdb.sock"
    description.gdb = f"unix:{socket},server=on,wait=off"
    thread = Tamperer(CHANGES[name], socket, configuration)
    thread.start()
    return thread
