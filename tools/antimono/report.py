# SPDX-License-Identifier: GPL-2.0-only
"""What a person reads: lines on a terminal or in a pipe, and failures as a sentence."""
import sys


class Failure(Exception):
    """Something the user must know: names the thing, the reason and the way out. Ends the command."""

    def __init__(self, sentence, status=1):
        super().__init__(sentence)
        self.status = status


def say(line, stream=None):
    """Prints one line at once."""
    print(line, file=stream or sys.stdout, flush=True)
