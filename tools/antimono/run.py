# SPDX-License-Identifier: GPL-2.0-only
"""antimono run: boots an image in QEMU and ends as the guest ends."""
import pathlib
import re
import sys
import tempfile

from antimono import build, config, images, packages, paths, qemu, stats
from antimono.report import Failure, note

HELP = "boot a root task in QEMU (default: the bundled hello program)"
DESCRIPTION = """\
Builds what is needed and boots the kernel with a root task in QEMU. The guest's serial console is standard output,
unbuffered; everything this command itself says goes to standard error.
"""
EPILOG = """\
examples:
  ./antimono run                                   the bundled hello program
  ./antimono run ~/sel4/build/images/sel4test-driver-image-x86_64-pc99 --memory 3G
                                                   a root task that seL4's own build made
  ./antimono run my-task --config default          one that was built for seL4's own defaults
  ./antimono run my-task --root-cnode-bits 16      one that expects a root CNode of 2^16 slots
  ./antimono run my-task --timeout 60 | tee log    in a script
  ./antimono run --iso uefi                        through OVMF and GRUB instead of QEMU's loader
  ./antimono run tour --stats                      which ways it took through the kernel
  ./antimono run --kernel kernel-x86_64-pc99 IMAGE on another kernel, seL4's for instance, to compare

exit status:
  0 to 119   the guest's own: a root task ends QEMU by writing the status to I/O port 0xf4
  120        a debug system call halted the kernel (seL4_DebugHalt)
  123        the machine reset or switched itself off
  124        still running after --timeout seconds (images made for seL4 usually never end)
  125        kernel panic
  126        QEMU or the machine could not be started
  130        Ctrl-C

--icount makes the run repeatable: the virtual clock advances one nanosecond per executed instruction, and the
time-stamp counter counts at 1 GHz of that clock, so a difference of two rdtsc is the number of instructions between
them. It says nothing about cycles.

--stats runs a kernel of its own (build/PRESET-stats) that marks which way it takes; QEMU counts the marks. Every entry
counts: a system call that an interrupt sends back to its beginning counts again. The table comes at the end, however the
run ends, to standard error.
"""

STATUS_HALTED, STATUS_RESET, STATUS_TIMEOUT, STATUS_PANIC, STATUS_KILLED = 120, 123, 124, 125, 130
#: RAM that holds at least the kernel's first instructions; see docs/boot.md.
LEAST_MEBIBYTES = 2


def add_arguments(parser):
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="bundled name or ELF file (default: hello)")
    config.add_arguments(parser)
    add_machine_arguments(parser)
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="end the run after this time (default: never)")
    parser.add_argument("--stats", action="store_true",
                        help="at the end, tell how often each fast path was taken, and why not (see below)")
    parser.add_argument("--gdb", action="store_true",
                        help="wait for a debugger on TCP port 1234 before the first instruction (see also: debug)")


def add_machine_arguments(parser, memory="512M"):
    """The options that describe the machine, shared with `debug` and `sel4test`."""
    parser.add_argument("--memory", default=memory, metavar="SIZE", help=f"RAM, as 512M or 3G (default: {memory})")
    parser.add_argument("--cpu", metavar="MODEL", help="QEMU CPU model (default: what the configuration needs)")
    parser.add_argument("--icount", action="store_true", help="count instructions: repeatable runs (see below)")
    parser.add_argument("--boot", choices=("pvh", "multiboot1"),
                        help="how QEMU's loader starts the kernel (default: pvh)")
    parser.add_argument("--iso", choices=("bios", "uefi"), help="boot a CD through GRUB with this firmware instead")
    parser.add_argument("--kernel", metavar="FILE", help="boot this kernel instead of building ours")
    parser.add_argument("--kernel-args", default="", metavar="TEXT",
                        help="options on the kernel's command line (docs/boot.md), e.g. console_port=0x2f8")
    parser.add_argument("--module", action="append", default=[], metavar="FILE",
                        help="further boot modules after the root task (multiboot1 and --iso)")


def check_timeout(seconds):
    if seconds is not None and not 0 < seconds < float("inf"):
        raise Failure(f"--timeout {seconds:g}: give a number of seconds above 0, or leave it out to run without end.")


def check_memory(text):
    if not re.fullmatch(r"[1-9][0-9]*[MG]", text):
        raise Failure(f"--memory {text}: give a whole number of megabytes or gigabytes, as 512M or 3G.")
    if text.endswith("M") and int(text[:-1]) < LEAST_MEBIBYTES:
        raise Failure(f"--memory {text}: the kernel is loaded from 1 MiB up, where this machine would have no memory. It needs "
                      "4M, and more for the root task.")
    return text


def machine(options, scratch_iso):
    """Builds what is needed and returns (Machine, image path)."""
    needs = ["run"]
    if not options.kernel:
        needs.append("build")
    if options.iso:
        needs += ["image"] + (["uefi"] if options.iso == "uefi" else [])
    memory = check_memory(options.memory)
    if options.iso and options.boot:
        raise Failure(f"--boot {options.boot} is about QEMU's own loader, --iso {options.iso} boots through GRUB: "
                      "give one of the two.")
    if options.kernel and not pathlib.Path(options.kernel).is_file():
        raise Failure(f"--kernel {options.kernel}: no such file.")
    if options.module and not options.iso and options.boot != "multiboot1":
        raise Failure("--module: QEMU's PVH loader passes only one module. Add --boot multiboot1 or --iso bios.")
    with_stats = getattr(options, "stats", False)
    if with_stats and options.kernel:
        raise Failure("--stats needs a kernel with marks, which --kernel's is not: leave one of the two out.")
    configuration, arguments = config.to_boot(options, stats=with_stats)
    if configuration.name == config.HOST:
        raise Failure("--config host is the kernel as a Linux process and cannot boot. Use `./antimono test`.")
    packages.ensure(*needs)
    # An image that is missing or no ELF file is said before minutes of building, unless it is a bundled one.
    given = options.image and pathlib.Path(options.image).exists()
    if given:
        images.find(options.image, configuration)
    if not options.kernel or not given:
        build.build(configuration, () if given else build.targets_for(options.image))
    image = images.find(options.image, configuration)
    modules = [image, *options.module]
    kernel = pathlib.Path(options.kernel) if options.kernel else (
        configuration.kernel_multiboot1 if options.boot == "multiboot1" else configuration.kernel)
    own = "" if options.kernel else qemu.KERNEL_ARGUMENTS
    arguments = " ".join(filter(None, (own, arguments, options.kernel_args)))
    cpu = options.cpu or qemu.cpu_for(configuration.symbols())
    result = qemu.Machine(memory=memory, cpu=cpu, icount=0 if options.icount else None)
    if options.iso:
        images.make_iso(scratch_iso, kernel, modules, arguments)
        result.iso, result.firmware = scratch_iso, options.iso
    else:
        result.kernel, result.modules, result.arguments = kernel, tuple(modules), arguments
    return result, image


def run(options):
    check_timeout(options.timeout)
    paths.BUILD.mkdir(exist_ok=True)
    description, image = machine(options, paths.BUILD / "run.iso")
    if options.gdb:
        description.gdb = "tcp:127.0.0.1:1234"
        note(f"antimono: waiting for a debugger: gdb-multiarch or gdb {paths.shown(options.kernel or 'kernel.elf')} "
             "-ex 'target remote :1234'")
    note(f"antimono: booting {image.name} ({description.memory}, {description.cpu.split(',')[0]})")
    with tempfile.TemporaryDirectory(prefix="antimono-stats-") as scratch:
        counted = pathlib.Path(scratch) / "counts"
        if options.stats:
            description.extra = (*description.extra, *stats.qemu_arguments(counted))
        outcome = qemu.run(description, timeout=options.timeout, interactive=sys.stdin.isatty())
        table = stats.counts(counted) if options.stats else None
    if outcome.output and not outcome.output.endswith(b"\n"):
        note("")
    if table:
        stats.show(table)
    note(f"antimono: {outcome.sentence()}")
    return exit_status(outcome)


def exit_status(outcome):
    return {"exited": outcome.status, "halted": STATUS_HALTED, "panic": STATUS_PANIC, "timeout": STATUS_TIMEOUT,
            "reset": STATUS_RESET, "killed": STATUS_KILLED}[outcome.kind]
