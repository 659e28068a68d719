# SPDX-License-Identifier: GPL-2.0-only
"""Traces of whole systems (tests/machine/trace.cpp has the format): making, doing again, making short."""
import os
import re
import subprocess
import tempfile

from antimono import config, paths
from antimono.report import say

#: Under the sanitizers; `fuzz` makes its findings short with the program that found them.
PROGRAM = paths.BUILD / config.HOST / "fuzz" / "system_calls"
REASONS = (re.compile(r"^(invariant \S+): ", re.MULTILINE), re.compile(r"^kernel panic: ([^(\n]+)", re.MULTILINE),
           re.compile(r"runtime error: (.+)$", re.MULTILINE), re.compile(r"AddressSanitizer: (\S+)"),
           re.compile(r"(libc\+\+ Hardening assertion .*? failed)"), re.compile(r"ERROR: libFuzzer: (.+)$", re.MULTILINE))


def reason_in(log):
    """Why a run ended, in a few words; None if it says nothing."""
    found = [match for match in (pattern.search(log) for pattern in REASONS) if match]
    return min(found, key=lambda match: match.start()).group(1).strip() if found else None


def execute(arguments, program=None, timeout=60):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:abort_on_error=1:symbolize=0")
    environment.pop("ANTIMONO_TABLE", None)
    try:
        return subprocess.run([program or PROGRAM, *arguments], capture_output=True, text=True, errors="replace", timeout=timeout,
                              check=False, env=dict(environment, ANTIMONO_CHECK_EVERY="1"))
    except subprocess.TimeoutExpired as expired:
        return subprocess.CompletedProcess(expired.cmd, -1, "", "ERROR: libFuzzer: timeout\n")


def of_input(path, program=None):
    """The steps of a fuzzer's input, up to the one that fails."""
    output = execute(["--trace", path], program).stdout
    return [line for line in output.splitlines() if line and not line.startswith("#")]


def fails(steps, program=None):
    """The reason for which the steps fail, or None."""
    with tempfile.NamedTemporaryFile("w", suffix=".trace", prefix="antimono-") as file:
        file.write("".join(f"{step}\n" for step in steps))
        file.flush()
        done = execute(["--replay", file.name], program)
    return None if done.returncode == 0 else reason_in(done.stderr) or f"status {done.returncode}"


def minimise(steps, reason, program=None):
    """A short list of steps that fails for the same reason: halves, quarters, ..., single steps are left out."""
    reason = fails(steps, program) or reason
    size = max(1, len(steps) // 2)
    tried = 0
    while True:
        at, shrunk = 0, False
        while at < len(steps):
            fewer = steps[:at] + steps[at + size:]
            tried += 1
            if fails(fewer, program) == reason:
                steps, shrunk = fewer, True
            else:
                at += size
        if size == 1 and not shrunk:
            say(f"minimised to {len(steps)} steps in {tried} tries")
            return steps
        size = max(1, size // 2)
