# SPDX-License-Identifier: GPL-2.0-only
"""Damage to a running kernel, done through the machine's debugger: what its panics must then report. And one look.

Each change gets the Firmware of tamper.py, stops where the frame calls the kernel proper for the first time, and bends
a register.
"""
import struct

STACK_GUARD = 0x1000                     # bytes of the page below each stack (frame/x86_64/entry.S)
USER_HALF_END = 1 << 47
WINDOW_BASE = 0xFFFFFF8000000000         # frame/x86_64/layout.hpp
IMAGE_BASE = 0xFFFFFFFF80000000
RSP, RIP, RFLAGS = 7, 16, 17             # numbers in QEMU's x86_64 target description
STUB_SIZE, KERNEL_ROOT = 16, 0x10        # frame/x86_64/entry_offsets.h
ROOT_KIND, TAGGED = 0x20, 1              # in CoreLocal; a bit of it (frame/x86_64/roots.hpp)
PROCESS_CONTEXTS = 12                    # offset in Features (frame/x86_64/features.hpp)
DEBUG_EXCEPTION, TIMER = 1, 157          # vectors
SAVED_RFLAGS = 0x10                      # behind what frame_core_local's first word points to
USERS_FLAGS = 0x44400                    # AC, NT, DF
CLEAR_IN_KERNEL = USERS_FLAGS | 0x300    # and IF, TF
SYMBOL_TABLE = 2                         # section type


def symbols(kernel):
    """(name, address) of every symbol of an ELF64 file."""
    content = kernel.read_bytes()
    offset, = struct.unpack_from("<Q", content, 40)
    size, count = struct.unpack_from("<HH", content, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", content, offset + index * size) for index in range(count)]
    for section in sections:
        if section[1] != SYMBOL_TABLE:
            continue
        names = sections[section[6]][4]
        for place in range(section[4], section[4] + section[5], 24):
            name, address = struct.unpack_from("<I4xQ", content, place)
            end = content.index(b"\0", names + name)
            yield content[names + name:end].decode(), address


def address_of(firmware, beginning):
    """Address of the only symbol whose name begins so."""
    found = {address for name, address in symbols(firmware.kernel) if name.startswith(beginning)}
    if len(found) != 1:
        raise LookupError(f"{len(found)} symbols begin with {beginning}")
    return found.pop()


def exact_address(firmware, name):
    return dict(symbols(firmware.kernel))[name]


def stop_in_kernel(firmware):
    firmware.debugger.ask("Qqemu.PhyMemMode:0")
    firmware.debugger.run_to(address_of(firmware, "_ZN6kernel5startERN5frame5EntryE"))


def set_register(firmware, number, value):
    content = bytearray.fromhex(firmware.debugger.ask("g"))
    struct.pack_into("<Q", content, 8 * number, value)
    firmware.debugger.ask(f"G{content.hex()}")


def jump_to_nowhere(firmware):
    stop_in_kernel(firmware)
    set_register(firmware, RIP, 0)


def jump_into_data(firmware):
    stop_in_kernel(firmware)
    set_register(firmware, RIP, address_of(firmware, "frame_core_local"))


def jump_into_the_window(firmware):
    """Text is not executable where the kernel window shows it."""
    stop_in_kernel(firmware)
    set_register(firmware, RIP, address_of(firmware, "frame_text_start") - IMAGE_BASE + WINDOW_BASE)


def overflow_the_stack(firmware):
    stop_in_kernel(firmware)
    set_register(firmware, RSP, address_of(firmware, "frame_stacks_start") + STACK_GUARD)


def push_onto_text(firmware):
    stop_in_kernel(firmware)
    set_register(firmware, RSP, address_of(firmware, "frame_text_start") + 0x800)


def push_onto_text_in_the_window(firmware):
    stop_in_kernel(firmware)
    set_register(firmware, RSP, address_of(firmware, "frame_text_start") + 0x800 - IMAGE_BASE + WINDOW_BASE)


def push_onto_read_only_data_in_the_window(firmware):
    stop_in_kernel(firmware)
    set_register(firmware, RSP, address_of(firmware, "frame_rodata_end") - 0x800 - IMAGE_BASE + WINDOW_BASE)


def sites_of_checks(firmware):
    """(instruction, message) of each check, from the table that stop_here() makes (frame/freestanding/config)."""
    content = firmware.kernel.read_bytes()
    offset, = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    segments = [struct.unpack_from("<IIQQQQ", content, offset + index * size) for index in range(count)]

    def in_file(address):
        return next(first + address - start for _, _, first, start, _, length in segments
                    if start <= address < start + length)

    start, end = (exact_address(firmware, f"frame_reports_{which}") for which in ("start", "end"))
    for entry in range(start, end, 16):
        instruction, what = struct.unpack_from("<ii", content, in_file(entry))
        message = in_file(entry + 4 + what)
        yield entry + instruction, content[message:content.index(b"\0", message)].decode()


def fail_a_check(firmware, words):
    """Goes on where a check with these words ends."""
    stop_in_kernel(firmware)
    set_register(firmware, RIP, next(site for site, message in sites_of_checks(firmware) if words in message))


def fail_a_check_of_the_frame(firmware):
    fail_a_check(firmware, "several capabilities")


def fail_a_check_of_the_library(firmware):
    fail_a_check(firmware, "out-of-bounds access in std::array")


def reach_an_undefined_instruction(firmware):
    """Puts one where no check ends: the kernel has no words for it."""
    stop_in_kernel(firmware)
    place = firmware.debugger.register("rip")
    assert place not in dict(sites_of_checks(firmware)), "a check ends where the kernel starts"
    firmware.debugger.write(place, b"\x0f\x0b")


def watch_flags(firmware):
    """Looks at RFLAGS where entries reach C++, until system calls and interrupts came with each of the flags set."""
    stop_in_kernel(firmware)
    debugger = firmware.debugger
    core = address_of(firmware, "frame_core_local")
    entries = {address_of(firmware, name): name for name in ("frame_handle_syscall", "frame_handle_vector")}
    missing = dict.fromkeys(entries, USERS_FLAGS)
    for address in entries:
        debugger.ask(f"Z1,{address:x},1")
    while any(missing.values()):
        debugger.ask("c")
        content = bytes.fromhex(debugger.ask("g"))
        address, = struct.unpack_from("<Q", content, 8 * RIP)
        inside, = struct.unpack_from("<I", content, 8 * RFLAGS)
        if inside & CLEAR_IN_KERNEL:
            raise AssertionError(
                f"RFLAGS is {inside:#x} in {entries[address]}: of {CLEAR_IN_KERNEL:#x}, nothing may be set")
        missing[address] &= ~debugger.read_word(debugger.read_word(core) + SAVED_RFLAGS)
        debugger.ask(f"z1,{address:x},1")
        if missing[address]:
            debugger.ask("s")  # QEMU would stop at the same breakpoint again
            debugger.ask(f"Z1,{address:x},1")


def mapped_kernel_ranges(firmware):
    """What the tables that user mode runs on map of the kernel's half, as (start, end), while a user program runs."""
    stop_in_kernel(firmware)
    debugger = firmware.debugger
    debugger.run_to(address_of(firmware, "frame_handle_syscall"))
    registers_frame = debugger.read_word(address_of(firmware, "frame_core_local"))
    debugger.run_to(debugger.read_word(registers_frame))  # where the program goes on
    debugger.send("qRcmd," + "info mem".encode().hex())   # QEMU's monitor
    text = ""
    while (reply := debugger.receive()) != "OK":
        text += bytes.fromhex(reply[1:]).decode()
    ranges = [tuple(int(part, 16) for part in line.split()[0].split("-")) for line in text.splitlines() if "-" in line]
    if not any(end <= USER_HALF_END for _, end in ranges):
        raise AssertionError(f"the program's own memory is not mapped: {text!r}")
    return [(start, end) for start, end in ranges if end > USER_HALF_END]


def user_tables_show_only_the_gate(firmware):
    parts = {"text": ("frame_gate_text_start", "frame_gate_text_end"),
             "data": ("frame_gate_data_start", "frame_gate_data_end")}
    gate = {name: [address_of(firmware, symbol) for symbol in symbols] for name, symbols in parts.items()}
    found = mapped_kernel_ranges(firmware)
    if not found:
        raise AssertionError("nothing of the kernel is mapped: there would be no way in")
    for start, end in found:
        if not any(first & ~0xfff <= start and end <= (last + 0xfff) & ~0xfff for first, last in gate.values()):
            raise AssertionError(f"user mode's tables map {start:#x} to {end:#x} of the kernel, outside the gate")


def user_tables_show_the_kernel(firmware):
    found = mapped_kernel_ranges(firmware)
    if not any(start <= WINDOW_BASE < end for start, end in found):
        raise AssertionError(f"the kernel window is not mapped where the processor needs no isolation: {found}")


def pretend_process_contexts(firmware):
    """Makes the kernel believe that the processor has PCIDs, which QEMU's have not."""
    debugger = firmware.debugger
    debugger.ask("Qqemu.PhyMemMode:0")
    debugger.run_to(address_of(firmware, "_ZN5frame6x86_6412choose_rootsE"))
    place = address_of(firmware, "_ZN5frame6x86_6412_GLOBAL__N_16bootedE") + PROCESS_CONTEXTS
    if debugger.read(place, 1) != b"\0":
        raise AssertionError("the processor has PCIDs, or Features.process_contexts is elsewhere")
    debugger.write(place, b"\1")


def pretend_process_contexts_at_first(firmware):
    """The same until the kernel has decided; after that it learns that PCIDs are not in use, or it would not get far."""
    pretend_process_contexts(firmware)
    stop_in_kernel(firmware)
    place = address_of(firmware, "frame_core_local") + ROOT_KIND
    kind = firmware.debugger.read(place, 1)[0]
    if not kind & TAGGED:
        raise AssertionError(f"PCIDs are not in use: {kind}")
    firmware.debugger.write(place, bytes([kind & ~TAGGED]))


def raise_debug_exception(firmware):
    """What the processor does for one in the kernel: a frame on the stack that the TSS has for it, and off to its stub."""
    debugger = firmware.debugger
    content = bytearray.fromhex(debugger.ask("g"))
    rsp, = struct.unpack_from("<Q", content, 8 * RSP)
    rip, = struct.unpack_from("<Q", content, 8 * RIP)
    rflags, code, stack = struct.unpack_from("<III", content, 8 * RFLAGS)
    top = address_of(firmware, "frame_debug_stack_top")
    debugger.write(top - 40, struct.pack("<5Q", rip, code, rflags, rsp, stack))
    struct.pack_into("<Q", content, 8 * RSP, top - 40)
    struct.pack_into("<Q", content, 8 * RIP, address_of(firmware, "frame_vector_stubs") + STUB_SIZE * DEBUG_EXCEPTION)
    debugger.ask(f"G{content.hex()}")


def watch_the_way_in(firmware):
    """A debug exception that was held back by MOV SS hits the first instruction of the kernel."""
    stop_in_kernel(firmware)
    isolated = firmware.debugger.read_word(address_of(firmware, "frame_core_local") + KERNEL_ROOT) != 0
    for address in (exact_address(firmware, "frame_syscall_entry_isolated" if isolated else "frame_syscall_entry"),
                    address_of(firmware, "frame_vector_stubs") + STUB_SIZE * TIMER):
        for _ in range(3):
            firmware.debugger.run_to(address)
            raise_debug_exception(firmware)


def watch_the_kernel(firmware):
    """A debug exception anywhere else in the kernel."""
    stop_in_kernel(firmware)
    firmware.debugger.run_to(address_of(firmware, "frame_handle_syscall"))
    raise_debug_exception(firmware)


CHANGES = {function.__name__: function for function in (
    jump_to_nowhere, jump_into_data, jump_into_the_window, overflow_the_stack, push_onto_text,
    push_onto_text_in_the_window, push_onto_read_only_data_in_the_window, watch_flags, fail_a_check_of_the_frame,
    fail_a_check_of_the_library, reach_an_undefined_instruction, user_tables_show_only_the_gate, user_tables_show_the_kernel,
    watch_the_way_in, watch_the_kernel, pretend_process_contexts, pretend_process_contexts_at_first)}
