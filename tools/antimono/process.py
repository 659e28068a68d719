# SPDX-License-Identifier: GPL-2.0-only
"""Running the tools that the command calls: quiet when they work, complete when they do not."""
import concurrent.futures
import contextlib
import os
import signal
import subprocess
import sys
import threading

from antimono import paths
from antimono.report import Failure, Progress


#: Processes with a group of their own that other threads wait for.
_side_by_side = set()
#: Set while they are ended early: what they say then are no results.
ending = threading.Event()


def run_logged(command, label, log_name, cwd=None, env=None, on_line=None, way_out="", own_group=True):
    """Runs a tool with a live status line; its output goes to build/logs/<log_name>.log.

    If it fails, the last part of the output is printed and a Failure raised that names the command.
    on_line(line) may return the text for the status line. With own_group, all that the tool started ends with us; sudo
    needs the terminal's group. Returns the seconds it took.
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log_path = paths.LOGS / f"{log_name}.log"
    lines = []
    with Progress(label) as progress, open(log_path, "w", buffering=1, encoding="utf-8") as log:
        with start(command, cwd, env, own_group) as process:
            try:
                with ends_with_us(process) if own_group else contextlib.nullcontext():
                    for line in process.stdout:
                        log.write(line)
                        lines.append(line)
                        progress.update((on_line(line) if on_line else None) or line.strip())
            except BaseException:
                if own_group:
                    end_group(process)
                else:
                    process.terminate()
                raise
        seconds = progress.seconds()
    if process.returncode != 0:
        if ending.is_set():
            raise KeyboardInterrupt
        sys.stderr.write(excerpt(lines))
        raise Failure(
            f"{label} failed: '{' '.join(map(str, command))}' ended with status {process.returncode}. "
            f"The whole output is in {paths.shown(log_path)}.{' ' + way_out if way_out else ''}")
    return seconds


def start(command, cwd, env, own_group):
    try:
        return subprocess.Popen(
            [str(part) for part in command], cwd=cwd or paths.ROOT, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            process_group=0 if own_group else None)
    except FileNotFoundError:
        raise Failure(
            f"'{command[0]}' is not installed or not in PATH. `./antimono build` installs what is missing.") from None


def side_by_side(function, items, at_once):
    """function(item) for each item, `at_once` at a time, in threads; their results in the items' order.

    Whatever ends this early, Ctrl-C for instance, ends what the threads have started, too.
    """
    if at_once <= 1:
        return [function(item) for item in items]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            ending.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(_side_by_side):
                end_group(process)
            raise


@contextlib.contextmanager
def ends_with_us(process):
    """While this lasts, side_by_side() may have to end the process."""
    _side_by_side.add(process)
    try:
        yield
    finally:
        _side_by_side.discard(process)


def end_group(process, patience=5):
    """Ends a process that has a group of its own, and all that it started: cmake's ninja, ninja's compilers."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def excerpt(lines, limit=120):
    """The part of a tool's output that says what went wrong: from ninja's first FAILED line, else the end."""
    for index, line in enumerate(lines):
        if line.startswith("FAILED: "):
            # Not the progress, nor the long command lines that follow "FAILED": the log has them.
            kept = [text for before, text in zip(["", *lines][index:], lines[index:])
                    if not text.startswith("[") and not (before.startswith("FAILED: ") and len(text) > 300)]
            return "".join(kept[:limit])
    return "".join(lines[-limit:])
