# SPDX-License-Identifier: GPL-2.0-only
"""GDB: pretty-printers for capabilities, slots and TCBs, and commands that show threads and capability spaces.

Loaded by `antimono debug`. The layouts of capabilities are those of frame/include/frame/cap/; where debug information
has the answer (offsets in a TCB, names of enumerators), it is asked.
"""
import gdb

WINDOW_BASE = 0xFFFFFF8000000000
KIND = (0, 5)
ADDRESS = (17, 47)
MARKS = 3  # what the link to the next slot holds beside an address
SLOT_SIZE = 32
TCB_SLOTS = ("CSpace", "VSpace", "reply", "caller", "IPC buffer")


def bits(word, field):
    """The field (shift, width) of a word."""
    shift, width = field
    return (word >> shift) & ((1 << width) - 1)


def offset(first):
    """Where the object is, from the start of the kernel window: its physical address."""
    return (bits(first, ADDRESS) - WINDOW_BASE) % (1 << ADDRESS[1])


def rights(word, places):
    """Letters of the rights whose bits are set; `places` has the bit of each."""
    return "".join(letter for letter, place in places.items() if bits(word, (place, 1))) or "-"


def described_mapping(word):
    asid = bits(word, (48, 16))
    return f", mapped at {bits(word, (0, 48)):#x} in ASID {asid}" if asid else ", not mapped"


def described_untyped(first, second):
    size = bits(first, (5, 6))
    kind = "device, " if bits(first, (11, 1)) else ""
    return f"physical {offset(first):#x}, {kind}2^{size} bytes, {second:#x} in use"


def described_cnode(first, second):
    radix = bits(first, (5, 6))
    guard = bits(first, (11, 6)) + 1 - radix  # what is kept is one less than guard and index bits together
    text = f"object {offset(first):#x}, 2^{radix} slots"
    return text + (f", guard {second >> radix:#x} of {guard} bits" if guard else "")


def described_frame(first, second):
    size = ("4 KiB", "2 MiB", "1 GiB", "?")[bits(first, (5, 2))]
    access = ("none", "kernel only", "read", "read and write")[bits(first, (7, 2))]
    device = "device, " if bits(first, (9, 1)) else ""
    return f"physical {offset(first):#x}, {device}{size}, {access}{described_mapping(second)}"


def described_zombie(first, second):
    what = "TCB" if bits(first, (11, 1)) else f"CNode of 2^{bits(first, (5, 6))} slots"
    return f"object {offset(first):#x}, {what}, {second} slots left"


def described_endpoint(first, second):
    return f"object {offset(first):#x}, rights {rights(first, {'R': 5, 'W': 8, 'G': 9, 'P': 10})}, badge {second:#x}"


def described_notification(first, second):
    return f"object {offset(first):#x}, rights {rights(first, {'R': 5, 'W': 6})}, badge {second:#x}"


def described_object(first, _):
    return f"object {offset(first):#x}"


def described_table(first, second):
    return f"physical {offset(first):#x}{described_mapping(second)}"


#: tag -> (name, what the two words say)
KINDS = {
    0: ("Null", None),
    1: ("Frame", described_frame),
    2: ("Untyped", described_untyped),
    3: ("PageTable", described_table),
    4: ("Endpoint", described_endpoint),
    5: ("PageDirectory", described_table),
    6: ("Notification", described_notification),
    7: ("PDPT", described_table),
    8: ("Reply", lambda a, b: f"caller {offset(a):#x}, {'master' if bits(a, (5, 1)) else 'server'}"),
    9: ("PML4", lambda a, b: f"physical {offset(a):#x}, ASID {bits(b, (48, 16))}"),
    10: ("CNode", described_cnode),
    11: ("ASIDControl", None),
    12: ("Thread", described_object),
    13: ("ASIDPool", described_object),
    14: ("IRQControl", None),
    16: ("IRQHandler", lambda a, b: f"IRQ {b}"),
    18: ("Zombie", described_zombie),
    19: ("IOPort", lambda a, b: f"ports {bits(b, (0, 16)):#x} to {bits(b, (16, 16)):#x}"),
    20: ("Domain", None),
    31: ("IOPortControl", None),
}


def described_capability(first, second):
    """One line about a capability's two words."""
    tag = bits(first, KIND)
    name, describe = KINDS.get(tag, (f"tag {tag}?", described_object))
    return f"{name}({describe(first, second)})" if describe else name


def read_words(address, count):
    content = gdb.selected_inferior().read_memory(address, 8 * count).tobytes()
    return [int.from_bytes(content[8 * i:8 * i + 8], "little") for i in range(count)]


def described_slot(address):
    return described_capability(*read_words(address, 2))


def marks_of(address):
    """What the derivation links of a slot say beside its neighbours (frame/include/frame/slot.hpp)."""
    first, _, following, _ = read_words(address, 4)
    marks = [mark for bit, mark in ((0, "revocable"), (1, "first badged")) if first and bits(following, (bit, 1))]
    return f"  [{', '.join(marks)}]" if marks else ""


class CapabilityPrinter:
    """frame::Capability and its kinds."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return described_capability(int(self.value["first_"]), int(self.value["second_"]))


class SlotPrinter:
    """frame::Slot, in its place in memory."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return described_slot(int(self.value.address))


class TcbPrinter:
    """kernel::Tcb: a headline, and what matters below it."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return thread_headline(self.value)

    def children(self):
        block = self.value["block"]
        yield "fault", str(self.value["fault"]["type"]).rsplit("::", 1)[-1]
        yield "fault_handler", format(int(self.value["fault_handler"]), "#x")
        slots = int(block["slots"].address)
        for index, name in enumerate(TCB_SLOTS):
            yield name, described_slot(slots + SLOT_SIZE * index)


class RefPrinter:
    """frame::Ref<T>: the object behind it."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return f"Ref to {self.value['object_'].dereference().address}"


def printer_for(value):
    kind = value.type.strip_typedefs().unqualified()
    name = kind.name or ""
    if name == "frame::Slot" and value.address is not None:
        return SlotPrinter(value)
    if name == "kernel::Tcb":
        return TcbPrinter(value)
    if name.startswith("frame::Ref<"):
        return RefPrinter(value)
    if name == "frame::Capability" or (name.startswith("frame::") and name.endswith("Cap")):
        return CapabilityPrinter(value.cast(gdb.lookup_type("frame::Capability")))
    return None


def state_of(kernel_type):
    """The one instance of a kernel state type."""
    return gdb.parse_and_eval(f"'frame::detail::StateStorage<{kernel_type}>::value'")


def tcb_at(address):
    return gdb.Value(address).cast(gdb.lookup_type("kernel::Tcb").pointer()).dereference()


def thread_name(tcb):
    text = "".join(chr(int(tcb["name"]["__elems_"][i])) for i in range(63)).split("\0", 1)[0]
    return text or "(no name)"


def thread_headline(tcb):
    state = str(tcb["state"]).rsplit("::", 1)[-1]
    return (f"{int(tcb.address):#x} {thread_name(tcb)}: {state}, priority {int(tcb['priority'])}, domain "
            f"{int(tcb['domain'])}, next instruction {int(register(tcb, 'next_ip')):#x}")


def register(tcb, name):
    """A register in a thread's saved context."""
    index = int(gdb.parse_and_eval(f"frame::Register::{name}"))
    return tcb["block"]["context"]["registers_"]["__elems_"][index]


def current_tcb():
    """The thread that the core runs, None while it idles."""
    address = int(state_of("frame::Core")["context_"])
    return tcb_at(address) if address else None


def all_threads():
    queue = state_of("kernel::ThreadList")["threads"]
    address = int(queue["head_"])
    while address:
        tcb = tcb_at(address)
        yield tcb
        address = int(tcb["block"]["links"]["all_threads"]["next_"]) & ~1


class Antimono(gdb.Command):
    """Shows what the Antimono kernel is doing; see `help antimono`."""

    def __init__(self):
        super().__init__("antimono", gdb.COMMAND_DATA, prefix=True)


class Current(gdb.Command):
    """antimono current: the running thread, its registers and capability slots."""

    def __init__(self):
        super().__init__("antimono current", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        tcb = current_tcb()
        if tcb is None:
            print("no thread runs: the core is idle")
            return
        print(thread_headline(tcb))
        names = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                 "r15", "rflags", "error", "fault_ip", "fs_base")
        for start in range(0, len(names), 4):
            print("  " + "  ".join(f"{name:>8} {int(register(tcb, name)):016x}" for name in names[start:start + 4]))
        for name, text in TcbPrinter(tcb).children():
            print(f"  {name}: {text}")


class Threads(gdb.Command):
    """antimono threads: all threads; an arrow marks the running one."""

    def __init__(self):
        super().__init__("antimono threads", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        current = current_tcb()
        for tcb in all_threads():
            running = current is not None and tcb.address == current.address
            print(f"{'->' if running else '  '} {thread_headline(tcb)}")


class CSpace(gdb.Command):
    """antimono cspace [TCB]: what a thread's CSpace root holds, empty slots left out; default: the running thread."""

    def __init__(self):
        super().__init__("antimono cspace", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        tcb = tcb_at(int(gdb.parse_and_eval(argument))) if argument else current_tcb()
        if tcb is None:
            print("no thread runs: name one, as in `antimono cspace 0xffffff8000200000`")
            return
        first, _ = read_words(int(tcb["block"]["slots"].address), 2)
        if bits(first, KIND) != 10:
            print(f"the thread's CSpace root is no CNode but {described_capability(first, 0)}")
            return
        start = WINDOW_BASE + offset(first)
        for index in range(1 << bits(first, (5, 6))):
            address = start + SLOT_SIZE * index
            if read_words(address, 1)[0]:
                print(f"{index:6}  {described_slot(address)}")


class SlotAt(gdb.Command):
    """antimono slot ADDRESS: one capability slot, and its neighbours in the derivation tree."""

    def __init__(self):
        super().__init__("antimono slot", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        address = int(gdb.parse_and_eval(argument))
        words = read_words(address, 4)
        print(f"{address:#x}: {described_slot(address)}{marks_of(address)}")
        for name, word in (("before", words[3]), ("after", words[2])):
            neighbour = word & ~MARKS
            if neighbour:
                print(f"  {name}: {neighbour:#x} {described_slot(neighbour)}{marks_of(neighbour)}")


gdb.pretty_printers.append(printer_for)
for command in (Antimono, Current, Threads, CSpace, SlotAt):
    command()
