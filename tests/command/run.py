# SPDX-License-Identifier: GPL-2.0-only
"""Tests of ./antimono itself, with guests that stand in for a kernel."""
import argparse
import json
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time

from antimono import config, paths
from antimono.suite import expect, expect_equal, expect_in, fail

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import coverage_cases  # noqa: E402, F401  (registers its cases)
import guest  # noqa: E402
import sel4test_cases  # noqa: E402, F401  (registers its cases)
from support import ANTIMONO, HERE, IMAGE, SCRATCH, antimono, one_sentence, suite, write  # noqa: E402


def run_guest(name, *code, options=()):
    return antimono("run", IMAGE, "--kernel", write(name, guest.kernel(*code)), *options)


for value in (0, 1, 7, 42, 119):
    @suite.case(f"run ends with the guest's status {value}")
    def _(value=value):
        result = run_guest(f"status{value}", guest.put("hi\r\n"), guest.exit_with(value))
        expect_equal(result.returncode, value, "exit status")
        expect_equal(result.stdout, "hi\n", "output")
        expect_in(f"ended with status {value}", result.stderr, "the last line")


@suite.case("run stops at the timeout with its own status")
def _():
    started = time.monotonic()
    result = run_guest("hang", guest.put("still here\r\n"), options=("--timeout", "4"))
    expect_equal(result.returncode, 124, "exit status")
    expect_equal(result.stdout, "still here\n", "output")
    expect_in("still running after 4 s", result.stderr, "the last line")
    expect(time.monotonic() - started < 30, "took far longer than the timeout")


PANIC = guest.put("before\r\nkernel panic: it broke\r\n") + guest.spin(20_000_000) + guest.put("  at here+0x10\r\n")


def expect_panic(result):
    expect_equal(result.returncode, 125, "exit status")
    expect_equal(result.stdout, "before\nkernel panic: it broke\n  at here+0x10\n", "output")
    expect_in("the kernel panicked", result.stderr, "the last line")


@suite.case("run stops at a kernel panic and shows all of it")
def _():
    expect_panic(run_guest("panic", PANIC, guest.exit_with(125)))


@suite.case("run stops at a panic of a kernel that does not end QEMU: it halts with interrupts off")
def _():
    expect_panic(run_guest("early-panic", PANIC))


@suite.case("run does not take a line for a panic if the guest goes on")
def _():
    for number, text in enumerate(("kernel panic: said a program\r\n", "said: kernel panic: no\r\n")):
        result = run_guest(f"quoted{number}", guest.put(text), guest.wait(3), guest.exit_with(3))
        expect_equal(result.returncode, 3, f"exit status after {text!r}")
    # Halted, but an interrupt could go on; not halted at all.
    for name, end in (("idle", guest.idle()), ("busy", guest.loop())):
        result = run_guest(f"quoted-{name}", guest.put("kernel panic: said a program\r\n"), end, options=("--timeout", "3"))
        expect_equal(result.returncode, 124, f"exit status of a guest that is {name}")


@suite.case("run tells a halt by a debug call from a panic")
def _():
    result = run_guest("halted", guest.put("kernel panic: said a program\r\n"), guest.exit_with(120))
    expect_equal(result.returncode, 120, "exit status")
    expect_in("debug system call", result.stderr, "the last line")


@suite.case("run reports a triple fault")
def _():
    result = run_guest("triple", guest.put("x\r\n"), guest.triple_fault())
    expect_equal(result.returncode, 123, "exit status")
    expect_in("triple fault", result.stderr, "the last line")


@suite.case("run reports a reset")
def _():
    expect_equal(run_guest("reset", guest.reset()).returncode, 123, "exit status")


@suite.case("run reports a machine that QEMU cannot make")
def _():
    result = run_guest("cpu", guest.exit_with(0), options=("--cpu", "NoSuchProcessor"))
    expect_equal(result.returncode, 126, "exit status")
    expect_in("QEMU could not start the machine", result.stderr, "the sentence")
    expect_in("NoSuchProcessor", result.stderr, "the sentence")


@suite.case("run refuses a time limit that is none")
def _():
    for seconds in ("0", "-1", "nan", "inf"):
        result = antimono("run", "hello", "--timeout", seconds)
        expect_equal(result.returncode, 1, f"exit status for {seconds}")
        expect_in(f"--timeout {seconds}: give a number of seconds above 0", result.stderr, "the sentence")


@suite.case("a missing or unknown subcommand is named as such")
def _():
    expect_in("required: SUBCOMMAND", antimono().stderr, "the sentence for none")
    expect_in("argument SUBCOMMAND: invalid choice: 'frobnicate'", antimono("frobnicate").stderr, "the sentence")


@suite.case("run streams into a pipe before the guest ends")
def _():
    kernel = write("stream", guest.kernel(guest.put("prompt> ")))
    process = subprocess.Popen([sys.executable, ANTIMONO, "run", IMAGE, "--kernel", kernel, "--timeout", "20"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        text = b""
        while len(text) < len(b"prompt> "):
            piece = os.read(process.stdout.fileno(), 64)
            expect(piece, f"the output ended after {text!r}")
            text += piece
        expect_equal(text, b"prompt> ", "output without an end of line")
        expect(process.poll() is None, "the run had ended already")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@suite.case("run ends at Ctrl-C and takes QEMU with it")
def _():
    kernel = write("interrupt", guest.kernel(guest.put("up\r\n")))
    process = subprocess.Popen([sys.executable, ANTIMONO, "run", IMAGE, "--kernel", kernel], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True,
                               # Suites that run in a shell's background inherit an ignored SIGINT.
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        expect_equal(process.stdout.readline(), "up\n", "output")
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    expect_equal(process.returncode, 130, "exit status")
    expect_in("Ctrl-C", stderr, "the last line")
    expect("Traceback" not in stderr, stderr)
    expect_equal(group_members(process.pid), [], "processes left in the group")


def group_members(group):
    members = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            members.append(entry.name)
    return members


@suite.case("SIGTERM ends a running tool with all that it started")
def _():
    program = """import signal, sys
from antimono.process import run_logged
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
run_logged(["sh", "-c", "sleep 300 & echo $!; wait"], "a tool", "command-suite-sigterm",
           on_line=lambda line: print(line, end="", flush=True))"""
    process = subprocess.Popen([sys.executable, "-c", program], text=True, stdout=subprocess.PIPE,
                               env=dict(os.environ, PYTHONPATH=str(paths.ROOT / "tools")))
    sleeper = int(process.stdout.readline())
    process.terminate()
    process.communicate(timeout=120)
    expect_equal(process.returncode, 143, "exit status")
    state = pathlib.Path(f"/proc/{sleeper}/stat")
    if state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        os.kill(sleeper, signal.SIGKILL)
        fail("what the tool had started still ran")


@suite.case("test names a pattern that no case has, before it builds anything")
def _():
    one_sentence(antimono("test", "--only", "no-case-has-this-name"), 1, "no-case-has-this-name", "no case has such a name")


@suite.case("run on a terminal passes the output through and restores the terminal")
def _():
    kernel = write("tty", guest.kernel(guest.put("hello\r\n"), guest.exit_with(5)))
    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, ANTIMONO, "run", IMAGE, "--kernel", kernel],
                               stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    text = b""
    try:
        while piece := os.read(master, 4096):
            text += piece
    except OSError:
        pass  # Linux reports the other side's end of a terminal as an error
    os.close(master)
    expect_equal(process.wait(10), 5, "exit status")
    expect_in(b"hello\r\n", text, "terminal output")


@suite.case("run --icount counts executed instructions, the same each time")
def _():
    kernel = write("icount", guest.kernel(guest.print_instructions(guest.spin(1_000_000)), guest.exit_with(0)))
    for _ in range(3):
        result = antimono("run", IMAGE, "--kernel", kernel, "--icount")
        expect_equal(result.returncode, 0, "exit status")
        # Two instructions in each turn, three around the loop and the second rdtsc itself.
        expect_equal(int(result.stdout, 16), 2 * 1_000_000 + 3, "instructions between the two readings")


for name, content, part in (
        ("text", b"#!/bin/sh\n", "is not an ELF file"),
        ("empty", b"", "is not an ELF file"),
        ("elf32", b"\x7fELF\x01\x01\x01" + bytes(60), "is not a 64-bit little-endian ELF file"),
        ("arm", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(60), "another processor"),
        ("pie", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(60), "not a static executable")):
    @suite.case(f"run refuses an image that is no root task: {name}")
    def _(name=name, content=content, part=part):
        kernel = write(f"kernel-for-{name}", guest.kernel(guest.exit_with(0)))
        path = write(name, content)
        one_sentence(antimono("run", path, "--kernel", kernel), 1, path, part)


@suite.case("run refuses a directory as image")
def _():
    kernel = write("kernel-for-directory", guest.kernel(guest.exit_with(0)))
    one_sentence(antimono("run", HERE, "--kernel", kernel), 1, "is a directory")


@suite.case("run names a kernel that does not exist")
def _():
    one_sentence(antimono("run", IMAGE, "--kernel", "/no/such/kernel"), 1, "/no/such/kernel", "no such file")


@suite.case("run refuses a nonsense memory size")
def _():
    kernel = write("kernel-for-memory", guest.kernel(guest.exit_with(0)))
    one_sentence(antimono("run", IMAGE, "--kernel", kernel, "--memory", "lots"), 1, "--memory lots", "512M")


@suite.case("run refuses a machine without memory for the kernel")
def _():
    one_sentence(antimono("run", IMAGE, "--kernel", IMAGE, "--memory", "1M"), 1, "--memory 1M", "1 MiB up", "4M")


@suite.case("run refuses an unknown configuration and lists the presets")
def _():
    kernel = write("kernel-for-config", guest.kernel(guest.exit_with(0)))
    one_sentence(antimono("run", IMAGE, "--kernel", kernel, "--config", "nonsense"), 1, "nonsense", "sim-release")


@suite.case("run refuses a configuration file that is not JSON")
def _():
    path = write("broken.json", b"{")
    one_sentence(antimono("run", IMAGE, "--kernel", IMAGE, "--config", path), 1, path, "not JSON")


@suite.case("run refuses a root CNode of impossible size")
def _():
    for bits in (99, 27, 6, -1):
        one_sentence(antimono("run", IMAGE, "--kernel", IMAGE, "--root-cnode-bits", bits), 1, f"{bits}:", "2^7 to 2^26 slots")


@suite.case("run tells the kernel the root CNode's size")
def _():
    for options, text in (((), ""), (("--root-cnode-bits", "16"), "root_cnode_bits=16"),
                          (("--root-cnode-bits", "7", "--kernel-args", "more"), "root_cnode_bits=7 more")):
        result = run_guest("arguments", guest.put_command_line(), guest.exit_with(0), options=options)
        # QEMU puts the kernel's file name before the arguments.
        expect_equal(result.stdout.partition(" ")[2], text, f"the kernel's command line with {options}")


@suite.case("image puts the root CNode's size on the kernel's command line")
def _():
    iso = HERE / "root-cnode.iso"
    result = antimono("image", "-o", iso, "--root-cnode-bits", "16", "--kernel-args", "more")
    expect_equal(result.returncode, 0, f"exit status ({result.stderr})")
    expect(b"multiboot2 /boot/kernel.elf root_cnode_bits=16 more\n" in iso.read_bytes(), "GRUB's configuration lacks it")


@suite.case("run takes a configuration file that differs from a preset only in the root CNode for that preset")
def _():
    symbols = json.loads((paths.ROOT / "abi" / "presets" / "sim-debug.json").read_text())
    for change, expected in (({}, ("sim-debug", "")), ({"ROOT_CNODE_SIZE_BITS": "16"}, ("sim-debug", "root_cnode_bits=16"))):
        path = write("gen_config.json", json.dumps(symbols | change).encode())
        configuration, arguments = config.to_boot(argparse.Namespace(config=path, root_cnode_bits=None))
        expect_equal((configuration.name, arguments), expected, f"what to boot for {change}")
    write("gen_config.json", json.dumps(symbols | {"TIMER_TICK_MS": "7", "ROOT_CNODE_SIZE_BITS": "16"}).encode())
    configuration, arguments = config.to_boot(argparse.Namespace(config=path, root_cnode_bits=None))
    expect(configuration.name.startswith("gen_config-"), f"{configuration.name} is no build of its own")
    expect_equal(arguments, "", "arguments of a build of its own")


@suite.case("run refuses further modules where QEMU cannot pass them")
def _():
    one_sentence(antimono("run", IMAGE, "--module", IMAGE), 1, "--module", "multiboot1")


@suite.case("run refuses --iso together with --boot")
def _():
    one_sentence(antimono("run", IMAGE, "--iso", "bios", "--boot", "multiboot1"), 1, "--iso bios", "--boot multiboot1")


@suite.case("without a subcommand the usage is shown")
def _():
    result = antimono()
    expect_equal(result.returncode, 2, "exit status")
    expect_in("usage: antimono", result.stderr, "standard error")


for subcommand in ("run", "build", "test", "sel4test", "hostile", "fuzz", "replay", "mutate", "coverage", "preemption",
                   "bench", "debug", "image", "check"):
    @suite.case(f"{subcommand} --help teaches with examples")
    def _(subcommand=subcommand):
        result = antimono(subcommand, "--help")
        expect_equal(result.returncode, 0, "exit status")
        expect_in("examples:", result.stdout, "the help")
        expect_in(f"./antimono {subcommand}", result.stdout, "the help")


def without_tools(*kept):
    """An environment whose PATH holds only these programs."""
    directory = tempfile.mkdtemp(dir=HERE)
    for program in kept:
        os.symlink(f"/usr/bin/{program}", f"{directory}/{program}")
    return dict(os.environ, PATH=directory)


@suite.case("a system without apt-get gets the list of packages")
def _():
    kernel = write("kernel-without-apt", guest.kernel(guest.exit_with(0)))
    result = antimono("run", IMAGE, "--kernel", kernel, env=without_tools("python3"))
    one_sentence(result, 1, "no apt-get", "qemu-system-x86", "Debian 12")


@suite.case("test counts passes and failures and says so last")
def _():
    result = suite_tree({"good": "ok a\nok b # 0.2 s\n", "bad": "ok c\nnot ok d: wrong number # 0.1 s\n# detail\n"})
    expect_equal(result.returncode, 1, "exit status")
    expect_equal(result.stdout.splitlines()[-1], "3 passed, 1 failed", "last line")
    expect_in("FAIL bad/d: wrong number", result.stdout, "output")
    expect_in("     detail", result.stdout, "output")


@suite.case("test passes when all pass")
def _():
    result = suite_tree({"good": "ok a\n"})
    expect_equal((result.returncode, result.stdout.splitlines()[-1]), (0, "1 passed, 0 failed"), "status and last line")


@suite.case("test fails for a suite that dies, says nothing or hangs")
def _():
    for content, reason in (({"dies": "ok a\n!exit 3"}, "ended with status 3"),
                            ({"silent": ""}, "reported no case"),
                            ({"hangs": "ok a\n!sleep 60"}, "did not end within")):
        result = suite_tree(content)
        expect_equal(result.returncode, 1, "exit status")
        expect_in(reason, result.stdout, "output")
        expect_in(", 1 failed", result.stdout.splitlines()[-1], "last line")


@suite.case("test --only chooses by part of the name or glob")
def _():
    content = {"one": "ok apple\nok pear\n", "two": "ok apple pie\n"}
    for pattern, count in (("apple", 2), ("one/", 2), ("*/pear", 1)):
        result = suite_tree(content, "--only", pattern)
        expect_equal(result.stdout.splitlines()[-1], f"{count} passed, 0 failed", f"last line for {pattern}")
    result = suite_tree(content, "--only", "cherry")
    one_sentence(result, 1, "cherry", "--list")


@suite.case("test --only finds a failed case whose name has a colon in it")
def _():
    content = "ok apple\nnot ok growth: apple: too many: 7\nnot ok growth: pear: too many\n"
    result = suite_tree({"bad": content}, "--only", "apple")
    expect_equal(result.stdout.splitlines()[-1], "1 passed, 1 failed", "last line")
    expect_in("FAIL bad/growth: apple: too many: 7", result.stdout, "output")


def suite_tree(suites, *options):
    """Runs `antimono test` over made-up suites; a line that starts with ! is a shell command."""
    tree = pathlib.Path(tempfile.mkdtemp(dir=HERE))
    for name, text in suites.items():
        directory = tree / name
        directory.mkdir()
        names = [re.sub(r"^(not )?ok ([^:#]*?)( #.*|:.*)?$", r"\2", line) for line in text.splitlines() if " " in line[:4]]
        script = "if [ \"$1\" = --list ]; then\n" + "".join(f"echo '{name}'\n" for name in names) + "exit\nfi\n"
        script += "".join(f"{line[1:]}\n" if line.startswith("!") else f"echo '{line}'\n" for line in text.splitlines())
        (directory / "run.sh").write_text(script, encoding="utf-8")
        (directory / "suite.json").write_text(json.dumps(
            {"title": name, "command": ["sh", str(directory / "run.sh")], "timeout": 2}), encoding="utf-8")
    return antimono("test", *options, env=dict(os.environ, ANTIMONO_TESTS=str(tree), ANTIMONO_ONLY=""))


if __name__ == "__main__":
    try:
        sys.exit(suite.main())
    finally:
        SCRATCH.cleanup()
