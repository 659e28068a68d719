# SPDX-License-Identifier: GPL-2.0-only
"""Changes to a machine's memory between the firmware and the kernel: firmware tables that no firmware would make."""
import threading

from debugger import Debugger


class Tamperer(threading.Thread):
    """Attaches to the machine's debugger, runs to the kernel's entry, tampers, lets it go."""

    def __init__(self, change, socket, configuration):
        super().__init__(daemon=True)
        self.change, self.socket, self.configuration = change, socket, configuration
        self.problem = None

    def run(self):
        try:
            debugger = Debugger(self.socket)
            self.change(debugger, self.configuration)
            debugger.detach()
        except Exception as problem:  # told to the test by finish()
            self.problem = problem

    def finish(self):
        """Waits for the end; raises what went wrong."""
        self.join(30)
        if self.problem:
            raise self.problem


def start(name, description, configuration, scratch):
    """Makes the machine wait for the debugger and starts the change of this name."""
    socket = f"{scratch}/gdb.sock"
    description.gdb = f"unix:{socket},server=on,wait=off"
    thread = Tamperer(CHANGES[name], socket, configuration)
    thread.start()
    return thread


#: name in the case files -> function(debugger, configuration)
CHANGES = {}
