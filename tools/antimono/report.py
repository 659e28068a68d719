# SPDX-License-Identifier: GPL-2.0-only
"""What a person reads: lines, a live status line on a terminal, and failures as a sentence."""
import os
import shutil
import sys
import threading
import time


class Failure(Exception):
    """Something the user must know: names the thing, the reason and the way out. Ends the command."""

    def __init__(self, sentence, status=1):
        super().__init__(sentence)
        self.status = status


def on_terminal(stream=None):
    """True if a person watches this stream."""
    return (stream or sys.stdout).isatty() and os.environ.get("TERM", "dumb") != "dumb"


class Progress:
    """A status line that is rewritten in place on a terminal; nothing in a pipe. What runs side by side shares the line.

    Written to standard error, so that a pipe of the results stays clean. Use as a context manager: leaving it
    wipes the line.
    """
    lock = threading.Lock()
    shown = {}  # what each live Progress says
    drawn_at = 0.0

    def __init__(self, label):
        self.label = label
        self.started = time.monotonic()
        self.live = on_terminal(sys.stderr)

    def __enter__(self):
        self.update("")
        return self

    def __exit__(self, *_):
        with self.lock:
            self.shown.pop(self, None)
        self.clear()

    def seconds(self):
        return time.monotonic() - self.started

    def update(self, text):
        """Shows `label  12 s  text`, at most twenty times a second."""
        if not self.live:
            return
        with self.lock:
            now = time.monotonic()
            self.shown[self] = f"{self.label}  {self.seconds():.0f} s  {text}".replace("\n", " ")
            if now - Progress.drawn_at < 0.05:
                return
            Progress.drawn_at = now
            width = (shutil.get_terminal_size().columns - 1) // len(self.shown)
            sys.stderr.write("\r\x1b[K" + "".join(f"{line[:width - 1]:<{width}}" for line in self.shown.values()).rstrip())
            sys.stderr.flush()

    def clear(self):
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def say(line="", stream=None):
    """Prints one line at once, also into a pipe."""
    print(line, file=stream or sys.stdout, flush=True)


def note(line):
    """A line about what the command is doing; standard error, so that it never mixes with guest output."""
    say(line, stream=sys.stderr)


def ask(question):
    """A yes/no question, yes by default; only for a terminal."""
    sys.stderr.write(f"{question} [Y/n] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    return answer != "" and answer.strip().lower() in ("", "y", "yes")


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
