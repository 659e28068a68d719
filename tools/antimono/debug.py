# SPDX-License-Identifier: GPL-2.0-only
"""antimono debug: QEMU and GDB together, with symbols and pretty-printers."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from antimono import config, packages, paths, qemu
from antimono import run as run_command
from antimono.report import Failure, note

HELP = "boot in QEMU under GDB"
DESCRIPTION = """\
Starts QEMU halted before the first instruction and GDB attached to it, with the kernel's and the root task's symbols
and pretty-printers for capabilities, slots and TCBs. Guest output goes to a file, shown by `tail -f`.
"""
EPILOG = """\
examples:
  ./antimono debug                             stops before the first instruction
  ./antimono debug --break kernel::handle_system_call
                                               runs to the first system call
  ./antimono debug --command bt --command quit without a person, for a script

in GDB:
  continue, Ctrl-C                             run, and stop where the machine is
  antimono current                             the running thread, its registers and fault handler
  antimono threads                             all threads with state and priority
  antimono cspace [TCB]                        the capabilities that a thread can reach
"""


def add_arguments(parser):
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="bundled name or ELF file (default: hello)")
    config.add_arguments(parser)
    run_command.add_machine_arguments(parser)
    parser.add_argument("--break", dest="breakpoint", metavar="WHERE", help="set a breakpoint and run to it")
    parser.add_argument("--command", action="append", default=[], metavar="GDB", help="GDB command to run, may repeat")


def run(options):
    packages.ensure("debug")
    description, image = run_command.machine(options, paths.BUILD / "run.iso")
    kernel = options.kernel or config.to_boot(options)[0].kernel
    console = paths.BUILD / "debug-console.log"
    with tempfile.TemporaryDirectory(prefix="antimono-") as scratch:
        socket = f"{scratch}/gdb.sock"
        description.gdb = f"unix:{socket},server=on,wait=off"
        with open(console, "wb") as output:
            # GDB handles Ctrl-C itself; QEMU must not see it.
            process = subprocess.Popen(description.command(scratch), stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        await_socket(process, socket, console)
        note(f"antimono: guest output goes to {paths.shown(console)}")
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        script = pathlib.Path(scratch) / "start.gdb"
        script.write_text("\n".join(gdb_steps(options, image, socket)) + "\n", encoding="utf-8")
        # In a script, the first step that fails is the last; as options they would all be tried.
        command = ["gdb", "-q", "-nx", *(["-batch"] if options.command else []), "-x", script, kernel]
        try:
            return subprocess.run(command, check=False,
                                  preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)).returncode
        finally:
            signal.signal(signal.SIGINT, previous)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
            process.wait()


def await_socket(process, socket, console):
    """Waits until QEMU listens for GDB."""
    while not is_listening(socket):
        if process.poll() is not None:
            raise Failure(f"QEMU ended with status {process.returncode} before GDB could connect; "
                          f"what it said is in {paths.shown(console)}.")
        time.sleep(0.02)


def is_listening(socket):
    """Whether a process listens on this Unix socket. The file alone appears a moment earlier; unix(7), /proc/net/unix."""
    accepts_connections = 0x10000
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as sockets:
        lines = (line.split() for line in sockets)
        return any(len(line) == 8 and line[7] == socket and int(line[3], 16) & accepts_connections for line in lines)


def gdb_steps(options, image, socket):
    """GDB commands up to the prompt."""
    steps = [
        "set confirm off", "set pagination off", "set architecture i386:x86-64:intel",
        f"add-symbol-file {quoted(image)}", f"source {quoted(paths.ROOT / 'tools' / 'gdb' / 'antimono_gdb.py')}",
        f"target remote {socket}",
    ]
    if options.breakpoint:
        steps += [f"hbreak {options.breakpoint}", "continue"]
    return steps + options.command


def quoted(path):
    return str(path).replace("\\", "\\\\").replace(" ", "\\ ")
