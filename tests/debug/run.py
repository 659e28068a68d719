# SPDX-License-Identifier: GPL-2.0-only
"""Runs `antimono debug` without a person, at points of hello where what there is to see is known."""
import functools
import re
import subprocess
import sys
import threading

from antimono import paths
from antimono.suite import Suite, expect, fail

suite = Suite()
LOCK = threading.Lock()
#: hello's second thread faults when everything is in place: two threads, badged endpoints, mapped pages.
AT_THE_FAULT = ("antimono current", "antimono threads", "antimono cspace", "info registers rip", "bt")


def debug(breakpoint, *commands):
    command = [sys.executable, paths.ROOT / "antimono", "debug", "--break", breakpoint]
    for text in commands:
        command += ["--command", text]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, errors="replace", timeout=120, check=False)
    return result.stdout


@functools.cache
def at_the_fault():
    return debug("kernel::handle_page_fault", *AT_THE_FAULT)


def expect_line(pattern):
    with LOCK:
        output = at_the_fault()
    expect("Python Exception" not in output and "Error" not in output, f"GDB reports an error\n{output}")
    if not re.search(pattern, output, re.MULTILINE):
        fail(f"no line matches {pattern!r}\n{output}")


for case_name, line in (
        ("stops at the breakpoint", r"^Breakpoint 1, kernel::handle_page_fault \("),
        ("shows the kernel's source line", r"kernel/api/entry\.cpp:\d+"),
        ("shows the running thread", r"^0xffffff80[0-9a-f]{8} .*: running, priority 254, domain 0, next instruction 0x4"),
        ("shows its registers", r"^ +rax [0-9a-f]{16} +rbx [0-9a-f]{16}"),
        ("shows its capability slots", r"^  CSpace: CNode\(object 0x[0-9a-f]+, 2\^\d+ slots"),
        ("lists all threads, the running one marked", r"^-> 0xffffff80[0-9a-f]{8} .*running[^\n]*\n   0xffffff80[0-9a-f]{8} .*"
                                                      r"blocked_on_receive, priority 255"),
        ("decodes the initial thread's TCB", r"^ +1  Thread\(object 0x[0-9a-f]+\)$"),
        ("decodes the root CNode", r"^ +2  CNode\(object 0x[0-9a-f]+, 2\^13 slots, guard 0x0 of 51 bits\)$"),
        ("decodes the initial PML4", r"^ +3  PML4\(physical 0x[0-9a-f]+, ASID 1\)$"),
        ("decodes control capabilities", r"^ +4  IRQControl\n +5  ASIDControl\n +6  ASIDPool\(.*\n +7  IOPortControl$"),
        ("decodes image frames", r"^ +\d+  Frame\(physical 0x[0-9a-f]+, 4 KiB, .*, mapped at 0x400000 in ASID 1\)$"),
        ("decodes untyped memory", r"^ +\d+  Untyped\(physical 0x[0-9a-f]+, 2\^20 bytes, 0x[0-9a-f]+ in use\)$"),
        ("decodes device memory", r"^ +\d+  Untyped\(physical 0x0, device, 2\^20 bytes, 0x100000 in use\)$"),
        ("decodes badges and rights", r"^ +\d+  Endpoint\(object 0x[0-9a-f]+, rights W.*, badge 0x2a\)$"),
        ("walks back to the entry stub and ends there",
         r"^#1 .* frame_handle_vector \(.*\n#2 .* from_user \(\).*\n(?!#|Backtrace stopped)")):
    suite.add(case_name, lambda line=line: expect_line(line))


@suite.case("a breakpoint that does not exist is an error, not an endless run")
def _():
    output = debug("no_such_function", "info registers")
    expect('Function "no_such_function" not defined' in output, output)


@suite.case("shows a slot's neighbours in the derivation tree")
def _():
    output = debug("kernel::handle_system_call", "python tcb = current_tcb()",
                   "python cnode = WINDOW_BASE + offset(read_words(int(tcb['block']['slots'].address), 1)[0])",
                   "python gdb.execute(f'antimono slot {cnode + 2 * SLOT_SIZE}')")
    expect(re.search(r"^0x[0-9a-f]+: CNode\(.*\)  \[revocable, first badged\]$", output, re.MULTILINE), output)
    expect(re.search(r"^  (before|after): 0x[0-9a-f]+ CNode\(", output, re.MULTILINE),
           f"the TCB's copy should be a neighbour\n{output}")


if __name__ == "__main__":
    sys.exit(suite.main())
