# SPDX-License-Identifier: GPL-2.0-only
"""The emulated machine: its QEMU command line, and one run of it from start to a classified end.

The end of a run, in terms of this module's Outcome:
  exited    the guest wrote V to port 0xf4 (isa-debug-exit); QEMU ends with (V << 1) | 1, we map back to V
  panic     the kernel panicked: it wrote 125 there; or, if it could not yet or was not told the port, a line came that
            starts with `kernel panic:`, and the processor stands still in ring 0 with interrupts off. The line alone
            proves nothing: any program may print it.
  halted    a debug system call stopped the kernel: it wrote 120
  timeout   the time given was over
  reset     the machine reset or powered off by itself (a triple fault ends here; we start QEMU with -no-reboot)
  killed    Ctrl-C
"""
import dataclasses
import json
import os
import pathlib
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time

from antimono.report import Failure

#: seL4's own simulation settings, feature for feature: FXSAVE, FS/GS base by MSR.
CPU_FXSAVE = "Nehalem,-vme,+pdpe1gb,-xsave,-xsaveopt,-xsavec,-fsgsbase,-invpcid,+syscall,+lm,enforce"
#: The same processor with what seL4's defaults for pc99 need: XSAVE and the FSGSBASE instructions.
CPU_XSAVE = "Nehalem,-vme,+pdpe1gb,+xsave,+xsaveopt,-xsavec,+fsgsbase,-invpcid,+syscall,+lm,enforce"

OVMF_CODE = pathlib.Path("/usr/share/OVMF/OVMF_CODE.fd")
OVMF_VARS = pathlib.Path("/usr/share/OVMF/OVMF_VARS.fd")

PANIC_PREFIX = b"kernel panic:"
#: After such a line, and this many seconds of silence, the processor is looked at; each further time after twice as long.
PANIC_SILENCE, PANIC_SILENCE_MOST = 0.5, 8.0
#: What the kernel writes to the exit port (StopStatus in frame/x86_64/panic.hpp).
STATUS_OF = {120: "halted", 125: "panic"}

#: The last thing that GRUB prints on an ISO of ours. UEFI firmware shows its console on the serial port, too.
LOADER_MARKER = b"Starting the kernel."

EXIT_PORT = 0xF4
QMP_SOCKET = "qmp.sock"
#: On our kernel's command line: it ends QEMU when it stops, instead of halting.
KERNEL_ARGUMENTS = f"debug_exit={EXIT_PORT:#x}"


def cpu_for(symbols):
    """The CPU model that a configuration needs, from its seL4 configuration symbols."""
    needs_xsave = symbols.get("XSAVE") or symbols.get("FSGSBASE_INST")
    return CPU_XSAVE if needs_xsave else CPU_FXSAVE


@dataclasses.dataclass
class Machine:
    """What to start. Either `kernel` (with `modules`) or `iso` (with `firmware`: bios or uefi, `medium`: cd or disk)."""
    kernel: pathlib.Path | None = None
    modules: tuple = ()
    arguments: str = ""
    iso: pathlib.Path | None = None
    firmware: str = "bios"
    medium: str = "cd"
    memory: str = "512M"
    cpu: str = CPU_FXSAVE
    #: tcg emulates; kvm runs the guest on the host's processor.
    accelerator: str = "tcg"
    #: Count instructions: the virtual clock advances 2^icount nanoseconds with each. None: real time.
    icount: int | None = None
    gdb: str | None = None
    extra: tuple = ()

    def command(self, scratch):
        """QEMU's command line. `scratch` is a directory for files that QEMU writes."""
        line = ["qemu-system-x86_64", "-machine", "pc", "-accel", self.accelerator, "-cpu", self.cpu, "-m", self.memory,
                "-display", "none", "-monitor", "none", "-net", "none", "-no-reboot",
                "-chardev", "stdio,id=console,signal=on", "-serial", "chardev:console",
                "-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=0x04",
                "-qmp", f"unix:{comma(pathlib.Path(scratch) / QMP_SOCKET)},server=on,wait=off"]
        if self.icount is not None:
            line += ["-icount", f"shift={self.icount}"]
        if self.gdb:
            line += ["-gdb", self.gdb, "-S"]
        if self.iso:
            # The same file works on a USB stick; as a disk it boots the way a stick does.
            line += (["-cdrom", str(self.iso)] if self.medium == "cd"
                     else ["-drive", f"if=ide,format=raw,file={comma(self.iso)}"])
            if self.firmware == "uefi":
                variables = pathlib.Path(scratch) / "ovmf-variables.fd"
                variables.write_bytes(OVMF_VARS.read_bytes())
                line += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={comma(OVMF_CODE)}",
                         "-drive", f"if=pflash,format=raw,unit=1,file={comma(variables)}"]
        else:
            line += ["-kernel", str(self.kernel)]
            if self.modules:
                line += ["-initrd", ",".join(comma(module) for module in self.modules)]
            if self.arguments:
                line += ["-append", self.arguments]
        return line + list(self.extra)


def comma(path):
    """QEMU separates by commas; one inside a name is doubled."""
    return str(path).replace(",", ",,")


@dataclasses.dataclass
class Outcome:
    """How a run ended. `cpu_seconds`: processor time that QEMU took, steadier than `seconds` on a busy machine."""
    kind: str
    status: int | None = None
    seconds: float = 0.0
    output: bytes = b""
    stderr: str = ""
    cpu_seconds: float = 0.0

    def sentence(self):
        if self.kind == "exited":
            return f"the guest ended with status {self.status} after {self.seconds:.1f} s"
        if self.kind == "panic":
            return f"the kernel panicked after {self.seconds:.1f} s"
        if self.kind == "halted":
            return f"a debug system call halted the kernel after {self.seconds:.1f} s"
        if self.kind == "timeout":
            return f"the guest was still running after {self.seconds:.0f} s (--timeout)"
        if self.kind == "reset":
            return (f"the machine reset or switched itself off after {self.seconds:.1f} s; if nothing asked for it, "
                    "that was a triple fault (`./antimono debug` shows where)")
        if self.kind == "stopped":
            return f"the run was ended after {self.seconds:.1f} s"
        return f"stopped by Ctrl-C after {self.seconds:.1f} s"


class Stream:
    """Guest output on its way to the user: line ends of serial lines undone, lines of panics noticed, kept for tests.

    Until `marker` comes by, if there is one, output is the firmware's and the boot loader's; it is shown only if
    nothing else ever comes.
    """

    def __init__(self, sink, marker=None):
        self.sink = sink
        self.marker = marker
        self.before_marker = b""
        self.kept = bytearray()
        self.line = bytearray()
        self.panic_line = False
        self.held = b""

    def feed(self, chunk):
        if self.marker:
            self.before_marker += chunk
            _, found, chunk = self.before_marker.partition(self.marker)
            chunk = chunk.lstrip(b"\r\n")
            if not found or not chunk:
                return
            self.marker = None
        chunk = self.held + chunk
        self.held = b"\r" if chunk.endswith(b"\r") else b""
        text = chunk[:len(chunk) - len(self.held)].replace(b"\r\n", b"\n")
        self.kept += text
        self.sink(text)
        *ended, rest = text.split(b"\n")
        for piece in ended:
            self.line += piece
            self.panic_line = self.panic_line or self.line.startswith(PANIC_PREFIX)
            self.line.clear()
        self.line += rest

    def finish(self):
        if self.marker:
            self.marker = None
            self.feed(self.before_marker)  # it never got as far as the kernel
        if self.held:
            self.kept += self.held
            self.sink(self.held)


def to_stdout(text):
    """Writes to standard output at once, past Python's buffer."""
    view = memoryview(text)
    while view:
        view = view[os.write(1, view):]


def run(machine, timeout=None, sink=to_stdout, interactive=False, stop_when=None, patience=None):
    """Runs the machine until it ends; returns the Outcome. Never leaves QEMU behind.

    timeout: seconds of wall time, None for none. sink: called with each piece of guest output. interactive: the
    guest reads the terminal. stop_when(output so far): true ends the run early (kind "stopped"). patience(): how many
    seconds are left before the run ends as after a timeout, asked again and again.
    """
    started = time.monotonic()
    limits = ([lambda: started + timeout - time.monotonic()] if timeout is not None else []) + (
        [patience] if patience else [])
    with tempfile.TemporaryDirectory(prefix="antimono-") as scratch:
        return run_in(machine, scratch, started, limits, sink, interactive, stop_when)


def run_in(machine, scratch, started, limits, sink, interactive, stop_when):
    stream = Stream(sink, LOADER_MARKER if machine.iso and machine.firmware == "uefi" else None)
    terminal = saved_terminal() if interactive else None
    cpu_before = cpu_seconds_of_children()
    errors = tempfile.TemporaryFile()
    try:
        process = subprocess.Popen(
            machine.command(scratch), stdin=None if terminal else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=errors, bufsize=0)
    except FileNotFoundError:
        raise Failure("qemu-system-x86_64 is not installed or not in PATH (Debian package qemu-system-x86).") from None
    kind = None
    try:
        kind = pump(process, stream, limits, stop_when, f"{scratch}/{QMP_SOCKET}")
    except KeyboardInterrupt:
        kind = "killed"
    finally:
        stop(process)
        if terminal:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, terminal)
    stream.finish()
    errors.seek(0)
    stderr = errors.read().decode(errors="replace")
    outcome = Outcome(kind or "", None, time.monotonic() - started, bytes(stream.kept), stderr,
                      cpu_seconds_of_children() - cpu_before)
    if kind is None:
        classify(outcome, process.returncode)
    return outcome


def cpu_seconds_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def pump(process, stream, limits, stop_when, monitor):
    """Moves output until the guest ends (None), or until there is a reason to end it (its name)."""
    descriptor = process.stdout.fileno()
    silence = PANIC_SILENCE
    while True:
        wait = silence if stream.panic_line else None
        for limit in limits:
            left = limit()
            if left <= 0:
                return "timeout"
            wait = left if wait is None else min(wait, left)
        readable, _, _ = select.select([descriptor], [], [], wait)
        if readable:
            chunk = os.read(descriptor, 65536)
            if not chunk:
                process.wait()
                return None
            stream.feed(chunk)
            silence = PANIC_SILENCE
            if stop_when and stop_when(stream.kept):
                return "stopped"
        elif stream.panic_line:
            if stopped_for_good(monitor):
                return "panic"
            silence = min(2 * silence, PANIC_SILENCE_MOST)


#: What QEMU's `info registers` says about a processor: ring, and whether it has halted; and its flags.
CPU_STATE = re.compile(r"\b[ER]FL=(?P<flags>[0-9a-f]+).*\bCPL=(?P<ring>[0-3]).*\bHLT=(?P<halted>[01])")
INTERRUPTS_ENABLED = 0x200


def stopped_for_good(monitor):
    """Whether the processor halts in ring 0 with interrupts off: only a kernel can do that, and nothing follows."""
    try:
        state = CPU_STATE.search(ask_monitor(monitor, "info registers"))
    except (OSError, ValueError, KeyError):
        return False  # QEMU is just ending
    return (state is not None and state["halted"] == "1" and state["ring"] == "0"
            and not int(state["flags"], 16) & INTERRUPTS_ENABLED)


def ask_monitor(path, command):
    """The answer of QEMU's human monitor, through QMP."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(path)
        with connection.makefile("rw", encoding="utf-8") as channel:
            channel.readline()  # the greeting
            for name, arguments in (("qmp_capabilities", {}), ("human-monitor-command", {"command-line": command})):
                channel.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
                channel.flush()
                answer = json.loads(channel.readline())
                while "event" in answer:
                    answer = json.loads(channel.readline())
            return answer["return"]


def classify(outcome, status):
    """What QEMU's own end means."""
    complaints = [line for line in outcome.stderr.splitlines()
                  if line.startswith("qemu-system") and "warning:" not in line]
    if status == 1 and complaints:
        raise Failure("QEMU could not start the machine: " + " ".join(
            line.removeprefix("qemu-system-x86_64: ") for line in complaints), 126)
    if status == -signal.SIGINT:
        outcome.kind = "killed"
    elif status < 0:
        raise Failure(f"QEMU was ended by signal {-status} ({signal.Signals(-status).name}).\n{outcome.stderr}", 126)
    elif status & 1:
        outcome.status = status >> 1
        outcome.kind = STATUS_OF.get(outcome.status, "exited")
    else:
        outcome.kind = "reset"


def stop(process):
    """Ends QEMU, gently first."""
    if process.poll() is None:
        process.terminate()
        timer = threading.Timer(3, process.kill)
        timer.start()
        process.wait()
        timer.cancel()
    process.stdout.close()


def saved_terminal():
    """The terminal's settings if we own it in the foreground; QEMU changes them."""
    try:
        if os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp():
            return termios.tcgetattr(sys.stdin.fileno())
    except (OSError, ValueError, termios.error):
        pass
    return None
